"""What EC2's state reason, or AWS Batch's words, say of an instance's end (EC2 API reference, StateReason)."""

from __future__ import annotations

from gems_api.services.fleet_ports import Instance

# "Server.SpotInstanceShutdown: The instance was stopped because of a Spot price that exceeded your maximum price" is the same to us.
_TAKEN_BACK = frozenset({"Server.SpotInstanceTermination", "Server.SpotInstanceShutdown"})
_TOLD = {
    "Server.InsufficientInstanceCapacity": "never started, because EC2 had no capacity for it",
    "Server.InternalError": "was ended by a fault of EC2's",
    "Server.ScheduledStop": "was ended by a retirement that EC2 had scheduled",
    "Client.InstanceInitiatedShutdown": "shut itself down",
    "Client.UserInitiatedShutdown": "was terminated by a call to EC2",
    "Client.VolumeLimitExceeded": "never started, because the account's quota of volumes is used up",
    "Client.InternalError": "never started, because EC2 could not use its image or volume (its encryption key, for example)",
    "Client.InvalidSnapshot.NotFound": "never started, because a snapshot of its image is gone",
}
# How AWS Batch's words begin (user guide, "Automated job retries" and "Troubleshooting"); EC2's codes have no blanks.
_HOST_GONE = "Host EC2"
_TOLD_BY_BATCH = {
    "OutOfMemoryError": "needed more memory than its job definition gives it",
    "CannotPullContainer": "never started, because its image could not be fetched",
    "CannotCreateContainer": "never started, because its container could not be made",
    "Job attempt duration exceeded timeout": "was ended at its time limit",
}


def was_taken_back(instance: Instance) -> bool:
    """Whether EC2 took a spot instance back, or AWS Batch lost a machine. It may come without the notice that EC2 tries to give."""
    return instance.state_reason in _TAKEN_BACK or instance.state_reason.startswith(_HOST_GONE)


def end_of(instance: Instance) -> str:
    """What became of an instance that is gone, in a sentence's words, with EC2's code where it gives one."""
    name, code = instance.instance_id, instance.state_reason
    if not code:
        return f"instance {name} is {instance.state}"
    if " " in code:
        told = next((words for sign, words in _TOLD_BY_BATCH.items() if sign in code), "was ended by AWS Batch")
        return f"worker {name} {told} ({code.rstrip('. ')})"
    if code in _TAKEN_BACK:
        return f"EC2 took the spot instance {name} back ({code})"
    return f"instance {name} {_TOLD.get(code, f'is {instance.state}')} ({code})"
