"""``gems deploy``, ``gems doctor``, ``gems undeploy``: one stage of GeMS in an AWS account."""
