using System.Diagnostics;
using FjBellows.Daemon.Commands;
using FjBellows.Integration.Tests.Daemon;
using FjBellows.Sandbox.Forge;
using Forge = FjBellows.Integration.Tests.Sandbox.Forge;

namespace FjBellows.Integration.Tests.Hostile;

/// <summary>A daemon that is started again with a configuration that disagrees with its journal, while a job runs (invariant O6).</summary>
[Trait("Invariant", "O6")]
public sealed class RestoreTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly DaemonFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(
        "provider: local", "provider: docker\nprovider_config: {image: debian}", "provider is docker, was local", "--adopt-pool default")]
    [InlineData("tag: restore-ci", "tag: other-ci", "tag is other-ci, was restore-ci", "--adopt-pool default")]
    [InlineData(
        "provider: local", "pools: {renamed: {provider: local}}", "the journal holds pool 'default' with 1 worker",
        "--forget-pool default")]
    public async Task It_is_refused_with_what_to_do_and_the_old_one_ends_the_job_with_its_true_result(
        string before, string after, string difference, string advice)
    {
        await using var forge = await Forge.StartAsync();
        var go = _files.At("go");
        var right = $$"""
            forgejo: {url: "{{forge.Server.Url}}", token: {{Forge.AdminToken}}, scope: admin, labels: ["debian:host"]}
            tag: restore-ci
            provider: local
            poll: {interval: 1s}
            """;
        _files.Write("config.yaml", right);
        var job = forge.Enqueue($"until [ -e {go} ]; do sleep 0.2; done");
        using (var first = DaemonProcess.Start(_files.Arguments))
        {
            await UntilAsync(() => forge.State.Job(job.Id).Status == ForgeJobStatus.Running, first);
            await first.SignalAsync("KILL");
            await first.ExitAsync();
        }

        _files.Write("config.yaml", right.Replace(before, after, StringComparison.Ordinal));
        var (code, _, error) = await DaemonProcess.RunAsync(_files.Arguments);
        code.ShouldBe((int)ExitCode.State, error);
        error.ShouldContain(difference);
        error.ShouldContain(advice);
        error.ShouldContain("restore-ci-");

        _files.Write("config.yaml", right);
        using var again = DaemonProcess.Start([.. _files.Arguments, "-destroy-on-exit"]);
        await again.SaysAsync("ready");
        await File.WriteAllTextAsync(go, "");
        await UntilAsync(() => forge.State.Job(job.Id).IsDone, again);

        forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Success);
        await again.SignalAsync("TERM");
        (await again.ExitAsync()).ShouldBe(0, again.Error);
        Directory.EnumerateFileSystemEntries(Path.Combine(_files.State, "local")).ShouldBeEmpty("no instance is left");
    }

    private static async Task UntilAsync(Func<bool> condition, DaemonProcess daemon)
    {
        for (var since = Stopwatch.StartNew(); !condition(); await Task.Delay(100))
        {
            since.Elapsed.ShouldBeLessThan(Limit, daemon.Error);
        }
    }
}
