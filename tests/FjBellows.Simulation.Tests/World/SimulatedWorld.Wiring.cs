using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Providers;

namespace FjBellows.Simulation.Tests;

/// <summary>What each call of the pool meets while a fault is active.</summary>
internal sealed partial class SimulatedWorld
{
    private void WireCloud()
    {
        Cloud.Fails = call => Active<CloudRefuses>().FirstOrDefault(f => Hits(f.Call, call) && Happens(f.Chance)) is { } f
            ? new CloudException(f.Error, $"{call}: {f.Error}", f.RetryAfter)
            : null;
        Cloud.LosesAnswer = call => Active<CloudAnswersLost>().Any(f => Hits(f.Call, call) && Happens(f.Chance));
        Cloud.BootTakes = _ => Active<BootsBadly>().FirstOrDefault() is { } bad ? bad.Takes : _history.Boot * (0.8 + (0.4 * _dice.NextDouble()));
        Cloud.Hides = machine => Active<CloudDenies>().Any()
            || Active<ListsBadly>().Any(f => Clock.Now - machine.Instance.CreatedAt < f.YoungerThan && Happens(f.Chance));
        Cloud.Denies = _ => Active<CloudDenies>().Any();
        Cloud.Leaves = call => Effect(call, before: true);
        Cloud.CarriedOut = call => Effect(call, before: false);
        Cloud.Made = Oracle.MachineMade;
        Cloud.Deleting = Oracle.MachineDeleting;
        Cloud.ProcessStarted = Oracle.ProcessStarted;
        Cloud.Signalling = Oracle.ProcessSignalled;
    }

    private void WireForge()
    {
        Forge.Fails = call => Active<ForgejoRefuses>().FirstOrDefault(f => Hits(f.Call, call) && Happens(f.Chance)) is { } f
            ? new ForgejoException(f.Error, $"{call}: {f.Error}", f.RetryAfter)
            : null;
        Forge.LosesAnswer = call => Active<ForgejoAnswersLost>().Any(f => Hits(f.Call, call) && Happens(f.Chance));
        Forge.Distort = jobs =>
        {
            if (!Active<QueueReordered>().Any())
            {
                return jobs;
            }

            var all = jobs.Concat(jobs.Where(_ => Happens(0.3))).ToArray();
            _dice.Shuffle(all);
            return all;
        };
        Forge.Leaves = call => Effect(call, before: true);
        Forge.CarriedOut = call => Effect(call, before: false);
        Forge.State.Happened += Oracle.ForgeHappened;
    }

    private void WireWorkers()
    {
        Connector.RefusesLaunch = _ => Active<LaunchesFail>().Any(f => !f.AnswerLost && Happens(f.Chance))
            ? new SessionException(SessionErrorKind.LaunchFailed, "no space left on device")
            : null;
        Connector.LosesLaunchAnswer = _ => Active<LaunchesFail>().Any(f => f.AnswerLost && Happens(f.Chance));
        Connector.Dialling = Oracle.Dialling;
        Connector.Leaves = call => Effect(call, before: true);
        Connector.CarriedOut = call => Effect(call, before: false);
    }

    private void WireJournal()
    {
        var store = Daemon.Store;
        store.OnWrite = (id, payload) =>
        {
            Step?.Invoke(payload.GetType().Name, true);
            Burn(WriteFuse, f => WriteFuse = f, before: true);
            return !Daemon.Runs ? new IOException("the writer is dead")
                : Active<JournalFails>().Any(f => !f.AnswersLost && id.StartsWith(f.Ids, StringComparison.Ordinal) && Happens(f.Chance))
                    ? new IOException("no space left on device")
                    : null;
        };
        store.LosesAnswer = id => Active<JournalFails>().Any(f => f.AnswersLost && id.StartsWith(f.Ids, StringComparison.Ordinal) && Happens(f.Chance));
        store.OnRead = _ => Active<JournalUnreadable>().Any() ? new IOException("the journal's disk cannot be read") : null;
        store.Written = (id, payload) =>
        {
            Oracle.Written(id, payload);
            Step?.Invoke(payload.GetType().Name, false);
            Burn(WriteFuse, f => WriteFuse = f, before: false);
        };
    }

    private bool Effect(string call, bool before)
    {
        Step?.Invoke(call, before);
        if (call is not ("jobs" or "runners" or "list"))
        {
            Burn(EffectFuse, f => EffectFuse = f, before);
        }

        // A dead daemon sends nothing more.
        return Daemon.Runs;
    }

    private void Burn(Fuse? fuse, Action<Fuse?> set, bool before)
    {
        if (fuse is null || fuse.Before != before || !Daemon.Runs)
        {
            return;
        }

        set(fuse.Left <= 1 ? null : fuse with { Left = fuse.Left - 1 });
        if (fuse.Left <= 1)
        {
            Kill(fuse.Down, null);
        }
    }

    private static bool Hits(string pattern, string call) => pattern == "*" || pattern == call;
}
