using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers;

/// <summary>The cloud does not list the instance any more: whether it is believed.</summary>
internal sealed partial class WorkerActor
{
    private int _missedListings;
    private DateTimeOffset _missedInPhase;
    private DateTimeOffset _unlinkedSince;

    /// <summary>True while the cloud's word is not enough: the worker answers, or it has a job and its link was there so short a time ago
    /// that the break alone proves nothing (invariants W10, W14). Where the connection itself proves absence (an engine without the
    /// container), the cloud is believed at once.</summary>
    private bool MayLive => _linked || (_state.Current is not null && Now - _unlinkedSince < Timeouts.BusyAbsence);

    /// <summary>Absence from two listings asked for after the last transition is a suspicion; a question by id decides (invariants W11, W12).
    /// A worker that answers exists, whatever the cloud says of it: its job is not ended for a cloud's error (invariant W10).</summary>
    private void OnInstanceMissing(InstanceMissing m)
    {
        if (MayLive)
        {
            _missedListings = 0;
            return;
        }

        if (_state is not { InstanceId: { } id, Phase: WorkerPhase.Provisioning or WorkerPhase.Idle or WorkerPhase.Busy or WorkerPhase.Draining }
            || m.RequestedAt <= _state.PhaseSince || m.RequestedAt <= _state.KnownAt)
        {
            return;
        }

        _missedListings = _missedInPhase == _state.PhaseSince ? _missedListings + 1 : 1;
        _missedInPhase = _state.PhaseSince;
        if (_missedListings >= 2)
        {
            var asked = _state.PhaseSince;
            _calls.Send(
                _pool.Settings.Poll.RequestTimeout,
                token => _pool.Ports.Cloud.GetAsync(id, token),
                instance => new MissingChecked(asked, instance is null),
                _ => new MissingChecked(asked, false));
        }
    }

    private void OnMissingChecked(MissingChecked m)
    {
        if (MayLive || m.InPhase != _state.PhaseSince || _state.Phase is WorkerPhase.Removing or WorkerPhase.Removed)
        {
            return; // It moved on since, or it may live: ask again (invariant W6).
        }

        _missedListings = 0;
        if (m.Gone)
        {
            BeginRemoval("the cloud no longer has its instance: absent from two listings, and from a question by id");
        }
    }

    private sealed record MissingChecked(DateTimeOffset InPhase, bool Gone);
}
