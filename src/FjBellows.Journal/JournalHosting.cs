using System.Data;
using Akka.Actor;
using Akka.Hosting;
using Akka.Persistence;
using Akka.Persistence.Sql.Hosting;
using FjBellows.Pool;
using FjBellows.Workers;
using LinqToDB;
using SqlJournalOptions = Akka.Persistence.Sql.Hosting.SqlJournalOptions;
using SqlSnapshotOptions = Akka.Persistence.Sql.Hosting.SqlSnapshotOptions;

namespace FjBellows.Journal;

/// <summary>Gives an actor system the journal that pools and workers need.</summary>
public static class JournalHosting
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Keeps what actors persist in SQLite or PostgreSQL, as the actor system's default journal and snapshot store, and refuses to
    /// persist any type without a serializer of its own. Call <see cref="JournalCheck.PrepareAsync"/> first, and this before
    /// <c>WithFjBellows</c>; the start fails where the journal cannot be trusted.</summary>
    /// <param name="builder">The actor system's builder.</param>
    /// <param name="settings">Where the journal is.</param>
    /// <exception cref="JournalException">The settings cannot be read.</exception>
    public static AkkaConfigurationBuilder WithBellowsJournal(this AkkaConfigurationBuilder builder, JournalSettings settings)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(settings);
        var store = JournalStore.Of(settings);

        // The provider's name must be said twice: without it in the options themselves the plugin makes tables without their unique index.
        // The connection string travels as an object, so that no configuration dump can show a password.
        var provider = store.IsSqlite ? ProviderName.SQLiteMS : ProviderName.PostgreSQL95;
        var data = new DataOptions().UseConnectionString(provider, store.ConnectionString);
        IsolationLevel? read = null;
        if (store.IsSqlite)
        {
            // SQLite's driver takes the write lock for a plain read transaction, and sleeps 150 ms where it is taken: recovering 200
            // workers took 2.3 to 3 s for 0.5 s of work. This level begins it without the lock; in WAL mode it still reads a committed
            // snapshot only. There is one writer at a time anyhow, so a second batch would only collide with the first.
            read = IsolationLevel.ReadUncommitted;
            data = data.UseAfterConnectionOpened(JournalStore.WaitPatiently);
            builder.AddHocon("akka.persistence.journal.sql.parallelism = 1", HoconAddMode.Prepend);
        }

        return builder
            .WithSqlPersistence(
                new SqlJournalOptions { ProviderName = provider, DataOptions = data, AutoInitialize = true, ReadIsolationLevel = read },
                new SqlSnapshotOptions { ProviderName = provider, DataOptions = data, AutoInitialize = true, ReadIsolationLevel = read })
            .WithBellowsSerializer()
            .WithStrictSerialization()
            .AddStartup(async (system, _) =>
            {
                await TouchAsync(system).ConfigureAwait(false);
                await JournalCheck.AssertReadyAsync(store, CancellationToken.None).ConfigureAwait(false);
            });
    }

    /// <summary>Binds only the serializer, for an actor system whose default journal is another one.</summary>
    /// <param name="builder">The actor system's builder.</param>
    public static AkkaConfigurationBuilder WithBellowsSerializer(this AkkaConfigurationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var events = new[] { typeof(WorkerProtocol.IWorkerEvent), typeof(PoolProtocol.IPoolEvent) };
        var snapshots = BellowsSerializer.Types.Where(type => !events.Any(e => e.IsAssignableFrom(type)));
        return builder.WithCustomSerializer("fj-bellows", [.. events, .. snapshots], system => new BellowsSerializer(system));
    }

    /// <summary>Tables are made when they are first used: a look for an actor that does not exist makes them.</summary>
    private static async Task TouchAsync(ActorSystem system)
    {
        const string nobody = "fj-bellows-start";
        var persistence = Persistence.Instance.Apply(system);
        var answers = await Task.WhenAll(
            persistence.JournalFor(null)
                .Ask<object>(
                    (IActorRef replyTo) => (object)new ReplayMessages(1, 1, 1, nobody, replyTo), StartTimeout, CancellationToken.None),
            persistence.SnapshotStoreFor(null)
                .Ask<object>(new LoadSnapshot(nobody, SnapshotSelectionCriteria.Latest, 1), StartTimeout)).ConfigureAwait(false);
        foreach (var answer in answers)
        {
            if (((answer as ReplayMessagesFailure)?.Cause ?? (answer as LoadSnapshotFailed)?.Cause) is { } cause)
            {
                throw new JournalException(JournalErrorKind.Unreachable, $"the journal does not answer: {cause.Message}", cause);
            }
        }
    }
}
