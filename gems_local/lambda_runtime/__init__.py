"""A strict stand-in for AWS Lambda behind API Gateway: the deployed zip runs in AWS's own runtime client, nothing is mocked.

HTTP -> gateway (REST API, a stage) -> event -> function (environments, limits) -> Runtime API -> awslambdaric -> zip
"""
