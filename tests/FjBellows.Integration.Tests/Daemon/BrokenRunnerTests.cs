using FjBellows.Integration.Tests.Ssh;
using FjBellows.Sandbox.Forge;

namespace FjBellows.Integration.Tests.Daemon;

/// <summary>A runner that says its version and can do nothing else, on workers behind real sshd.</summary>
public sealed class BrokenRunnerTests : IDisposable
{
    private readonly DaemonFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    [Needs(Part.Sshd)]
    [Trait("Invariant", "W9")]
    public async Task A_worker_that_fails_two_dispatches_in_a_row_is_drained_and_another_does_the_job()
    {
        await using var forge = await Sandbox.Forge.StartAsync();
        var program = Path.Combine(AppContext.BaseDirectory, "fj-bellows.dll");
        var runner = _files.Write(
            "runner",
            $"#!/bin/sh\nif [ \"$1\" = one-job ] && [ ! -e '{_files.At("mended")}' ]; then echo 'the disk of this worker is broken'; " +
            $"exit 1; fi\nexec dotnet '{program}' sandbox-runner \"$@\"\n",
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _files.Write(
            "config.yaml",
            $$"""
            forgejo: {url: "{{forge.Server.Url}}", token: {{Sandbox.Forge.AdminToken}}, scope: admin, labels: ["debian:host"]}
            tag: test-ci
            scale: {max: 1}
            provider: local
            provider_config: {access: ssh, boot_time: 0s, runner_command: ["{{runner}}"]}
            poll: {interval: 1s}
            """);
        var job = forge.Enqueue("echo done");
        using var daemon = DaemonProcess.Start([.. _files.Arguments, "-destroy-on-exit"]);
        await daemon.SaysAsync("without a success");
        _files.Write("mended", "");
        await daemon.SaysAsync(": Completed, ");
        await daemon.SignalAsync("TERM");
        (await daemon.ExitAsync()).ShouldBe(0, daemon.Error);

        forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Success);
        daemon.Error.Split(": FailedToStart, ").Length.ShouldBeGreaterThan(2, daemon.Error);
        daemon.Error.Split("provisioning test-ci-").Length.ShouldBeLessThan(4, daemon.Error);
        LocalSshdProcesses.Below(_files.State).ShouldBeEmpty();
    }
}
