"""What EC2's state reason says of an instance's end (EC2 API reference, StateReason)."""

from __future__ import annotations

from gems_api.services.ports import Instance

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


def was_taken_back(instance: Instance) -> bool:
    """Whether EC2 took a spot instance back. It may do so without the notice that it tries to give."""
    return instance.state_reason in _TAKEN_BACK


def end_of(instance: Instance) -> str:
    """What became of an instance that is gone, in a sentence's words, with EC2's code where it gives one."""
    name, code = instance.instance_id, instance.state_reason
    if not code:
        return f"instance {name} is {instance.state}"
    if code in _TAKEN_BACK:
        return f"EC2 took the spot instance {name} back ({code})"
    return f"instance {name} {_TOLD.get(code, f'is {instance.state}')} ({code})"
