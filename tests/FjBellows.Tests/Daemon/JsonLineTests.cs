using System.Text.Json;
using FjBellows.Daemon.Hosting;
using Serilog.Extensions.Logging;

namespace FjBellows.Tests.Daemon;

/// <summary>The log for machines: one JSON object a line, whose message reads as the one for people does.</summary>
public sealed class JsonLineTests
{
    [Fact]
    public void A_message_has_its_texts_without_quotes_and_its_values_as_properties()
    {
        var line = Logged(log => log.Warning("pool {Pool}: dispatched {Job} to {Worker}", "ci", "build \"x\"", "ci-k3v9"))
            .ShouldHaveSingleItem();

        line.GetProperty("@m").GetString().ShouldBe("pool ci: dispatched build \"x\" to ci-k3v9");
        line.GetProperty("@l").GetString().ShouldBe("Warning");
        line.GetProperty("Job").GetString().ShouldBe("build \"x\"");
        line.GetProperty("@t").GetDateTimeOffset().Offset.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Events_of_one_template_have_one_id()
    {
        var lines = Logged(log =>
        {
            log.Information("{Worker} is ready", "a");
            log.Information("{Worker} is ready", "b");
            log.Information("{Worker} is busy", "a");
        });

        var ids = lines.Select(l => l.GetProperty("@i").GetString()).ToArray();
        ids[1].ShouldBe(ids[0]);
        ids[2].ShouldNotBe(ids[0]);
        lines.Count(l => l.TryGetProperty("@l", out _)).ShouldBe(0);
    }

    [Fact]
    public void A_message_of_the_daemon_has_the_number_of_its_event()
    {
        var line = Logged(log =>
        {
            using var factory = new SerilogLoggerFactory(log);
            factory.CreateLogger("daemon").ServesWrites("http://127.0.0.1:9876", "writes");
        }).ShouldHaveSingleItem();

        line.GetProperty("EventId").GetProperty("Id").GetInt32().ShouldBe(1203);
        line.GetProperty("@m").GetString().ShouldBe("control: http://127.0.0.1:9876, writes enabled, token needed for writes");
    }

    private static JsonElement[] Logged(Action<Serilog.ILogger> write)
    {
        using var text = new StringWriter();
        using (var log = DaemonLog.Configure("json", "info", text))
        {
            write(log);
        }

        return [.. text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
    }
}
