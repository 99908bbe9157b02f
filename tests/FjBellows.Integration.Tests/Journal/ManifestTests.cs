using System.Runtime.Serialization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using FjBellows.Dispatch;
using FjBellows.Journal;
using FjBellows.Pool;
using FjBellows.Workers;

namespace FjBellows.Integration.Tests.Journal;

/// <summary>What is written today must be read for ever. The fixtures are never edited; a changed shape gets a new manifest and a new
/// fixture.</summary>
public sealed class ManifestTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("manifests");

    public static TheoryData<string> Manifests => [.. Table.Keys.Order(StringComparer.Ordinal)];

    private static Dictionary<string, JsonTypeInfo> Table { get; } = JournalManifests.Persisted.Concat(JournalManifests.Remembered)
        .ToDictionary();

    private BellowsSerializer Serializer => new((ExtendedActorSystem)_system);

    public void Dispose() => _system.Dispose();

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Every_manifest_writes_exactly_its_fixture_and_reads_it(string manifest)
    {
        var fixture = Fixture(manifest);
        var sample = JournalSamples.All[manifest];

        JsonSerializer.Serialize(sample, Table[manifest]).ShouldBe(fixture);
        JsonSerializer.Deserialize(fixture, Table[manifest]).ShouldBeEquivalentTo(sample);
    }

    [Fact]
    public void Every_event_has_a_manifest_and_every_manifest_one_type()
    {
        Type[] markers = [typeof(WorkerProtocol.IWorkerEvent), typeof(PoolProtocol.IPoolEvent)];
        var events = typeof(WorkerProtocol).Assembly.GetTypes().Where(t => t.IsClass && markers.Any(m => m.IsAssignableFrom(t))).ToArray();
        var named = JournalManifests.Persisted.Values.Select(t => t.Type).ToArray();

        events.Length.ShouldBeGreaterThan(10);
        events.ShouldBeSubsetOf(named);
        named.ShouldBeUnique();
        JournalManifests.Persisted.Keys.ShouldAllBe(m => m.Length <= 64 && char.IsAsciiDigit(m.Last()));
    }

    [Fact]
    public void The_serializer_goes_by_manifest()
    {
        var serializer = Serializer;
        foreach (var (manifest, sample) in JournalSamples.All.Where(s => JournalManifests.Persisted.ContainsKey(s.Key)))
        {
            serializer.Manifest(sample).ShouldBe(manifest);
            Encoding.UTF8.GetString(serializer.ToBinary(sample)).ShouldBe(Fixture(manifest));
            serializer.FromBinary(serializer.ToBinary(sample), manifest).ShouldBeEquivalentTo(sample);
        }
    }

    [Fact]
    public void Ids_are_plain_strings_and_a_jobs_key_is_derived_not_written()
    {
        using var json = JsonDocument.Parse(Fixture("w.job-assigned.1"));
        var assignment = json.RootElement.GetProperty("assignment");

        assignment.GetProperty("dispatch").GetString().ShouldBe("ci-k3v9-2");
        assignment.GetProperty("job").TryGetProperty("key", out _).ShouldBeFalse();
        assignment.GetProperty("job").GetProperty("status").GetString().ShouldBe("Waiting");
    }

    [Fact]
    public void A_manifest_of_a_newer_version_is_reported_as_such() =>
        Should.Throw<SerializationException>(() => Serializer.FromBinary("{}"u8.ToArray(), "w.teleported.1")).Message
            .ShouldSatisfyAllConditions(m => m.ShouldContain("'w.teleported.1'"), m => m.ShouldContain("written by a newer fj-bellows"));

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"at\":\"2026-03-01T12:30:15+00:00\",\"kind\":\"Vanished\",\"exitCode\":null,\"detail\":\"\"}")]
    [InlineData("{\"at\":\"2026-03-01T12:30:15+00:00\",\"kind\":\"Lost\",\"exitCode\":null,\"detail\":null}")]
    [InlineData("{\"at\":")]
    public void A_record_that_does_not_fit_its_manifest_is_refused(string json) =>
        Should.Throw<SerializationException>(() => Serializer.FromBinary(Encoding.UTF8.GetBytes(json), "w.job-ended.1")).Message
            .ShouldContain("w.job-ended.1");

    [Fact]
    public void A_snapshot_from_before_a_field_existed_reads_with_the_fields_default()
    {
        var serializer = Serializer;

        var state = serializer.FromBinary("{\"phase\":\"Idle\",\"jobsRun\":3}"u8.ToArray(), "w.state.1");

        serializer.ToBinary(state).ShouldBe(serializer.ToBinary(WorkerState.Empty with { Phase = WorkerPhase.Idle, JobsRun = 3 }));
    }

    [Fact]
    public void A_type_without_a_manifest_is_refused() =>
        Should.Throw<SerializationException>(() => Serializer.ToBinary(new JobExit(0, ""))).Message.ShouldContain("has no manifest");

    private static string Fixture(string manifest) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Journal", "Fixtures", manifest + ".json")).TrimEnd('\n');
}
