namespace FjBellows.Simulation.Tests;

/// <summary>What writes and reads of the journal meet.</summary>
internal static class JournalFaults
{
    public static void Wire(SimulatedWorld world)
    {
        var store = world.Daemon.Store;
        store.OnWrite = (id, payload) =>
        {
            world.WriteStep(payload, before: true);
            return !world.Daemon.Runs ? new IOException("the writer is dead")
                : world.Active<JournalFails>()
                    .Any(f => !f.AnswersLost && id.StartsWith(f.Ids, StringComparison.Ordinal) && world.Happens(f.Chance))
                    ? new IOException("no space left on device")
                    : null;
        };
        store.LosesAnswer = id => world.Active<JournalFails>()
            .Any(f => f.AnswersLost && id.StartsWith(f.Ids, StringComparison.Ordinal) && world.Happens(f.Chance));
        store.OnRead = _ => world.Active<JournalUnreadable>().Any() ? new IOException("the journal's disk cannot be read") : null;
        store.Written = (id, payload) =>
        {
            world.Oracle.Written(id, payload);
            world.WriteStep(payload, before: false);
        };
    }
}
