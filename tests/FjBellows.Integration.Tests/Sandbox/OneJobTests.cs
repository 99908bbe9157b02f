using System.Diagnostics;
using FjBellows.Sandbox.Forge;

namespace FjBellows.Integration.Tests.Sandbox;

public sealed class OneJobTests
{
    [Fact]
    public async Task A_waiting_job_is_run_and_its_log_arrives()
    {
        await using var forge = await Forge.StartAsync();
        var job = forge.Enqueue("echo hello-$((40 + 2))");
        var runner = forge.State.Register(ForgeScope.Admin, "r1");

        var (exit, log) = await forge.RunAsync(runner, default, "--handle", job.Handle);

        exit.ShouldBe(0);
        job = forge.State.Job(job.Id);
        job.Status.ShouldBe(ForgeJobStatus.Success);
        job.Starts.ShouldBe(1);
        job.Current!.Log.ShouldContain("hello-42");
        job.Current.Runner.ShouldBe("r1");
        forge.State.Runners(ForgeScope.Admin).ShouldBeEmpty();
        foreach (var line in new[]
        {
            "Starting job", "runner: r1, with version: v12.8.2+sandbox, with labels: [debian], ephemeral: true, declared successfully",
            "single task poller launched", $"single task poller successfully fetched one task from {forge.Server.Url}",
            $"task 1 repo is acme/app https://data.forgejo.org {forge.Server.Url}", "single task poller is shutting down",
        })
        {
            log.ShouldContain($"level=info msg=\"{line}\"");
        }
    }

    [Fact]
    [Trait("Invariant", "J10")]
    public async Task A_failing_job_is_reported_and_the_exit_code_is_still_zero()
    {
        await using var forge = await Forge.StartAsync();
        var job = forge.State.Enqueue("acme/app", new ForgeJobRequest("build", ["debian"], Forge.Workflow(
            "steps:", "- run: echo before; false; echo never", "- run: echo not-reached", "- if: failure()", "  run: echo on-failure",
            "- if: always()", "  run: echo always")));

        var (exit, _) = await forge.RunAsync(forge.State.Register(ForgeScope.Admin, "r1"));

        exit.ShouldBe(0);
        job = forge.State.Job(job.Id);
        job.Status.ShouldBe(ForgeJobStatus.Failure);
        job.Current!.Log.Where(l => l is "before" or "never" or "not-reached" or "on-failure" or "always")
            .ShouldBe(["before", "on-failure", "always"]);
    }

    [Fact]
    [Trait("Invariant", "J7")]
    public async Task Without_a_task_the_exit_code_is_two()
    {
        await using var forge = await Forge.StartAsync();
        var job = forge.Enqueue("true");
        var runner = forge.State.Register(ForgeScope.Admin, "r1");

        (await forge.RunAsync(runner, default, "--handle", "gone")).ShouldSatisfyAllConditions(
            r => r.Exit.ShouldBe(2), r => r.Log.ShouldEndWith("Error: no task received\n"));
        (await forge.RunAsync(runner, default, "--label", "other:host")).Exit.ShouldBe(2);
        forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Waiting);
        forge.State.Runners(ForgeScope.Admin).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_wrong_command_line_or_an_unknown_runner_is_exit_code_one()
    {
        await using var forge = await Forge.StartAsync();
        var unknown = new ForgeCredentials(9, "00000000-0000-4000-8000-000000000000", new Secret("x"));

        (await forge.RunAsync(unknown))
            .ShouldSatisfyAllConditions(r => r.Exit.ShouldBe(1), r => r.Log.ShouldContain("unregistered runner"));
        (await forge.RunAsync(unknown, default, "--nope")).Exit.ShouldBe(1);
        (await forge.RunAsync(unknown, default, "--config", "/does/not/exist")).ShouldSatisfyAllConditions(
            r => r.Exit.ShouldBe(1), r => r.Log.ShouldStartWith("Error: invalid configuration"));
        (await forge.RunAsync(unknown with { Token = new Secret("line\n") })).Log.ShouldContain("holds a line break");
    }

    [Fact]
    public async Task Waiting_goes_on_until_a_job_comes_and_a_signal_ends_it_with_zero()
    {
        await using var forge = await Forge.StartAsync();
        var waiting = forge.RunAsync(forge.State.Register(ForgeScope.Admin, "r1"), default, "--wait", "--fetch-interval", "20ms");
        var job = forge.Enqueue("true");
        (await waiting).Exit.ShouldBe(0);
        forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Success);

        using var stop = new CancellationTokenSource();
        var idle = forge.RunAsync(forge.State.Register(ForgeScope.Admin, "r2"), stop.Token, "--wait", "--fetch-interval", "20ms");
        while (forge.Server.Requests(ForgeRoute.FetchTask) < 3)
        {
            await Task.Delay(10);
        }

        await stop.CancelAsync();
        (await idle).Exit.ShouldBe(0);
    }

    [Fact]
    public async Task Of_two_runners_that_race_for_one_job_exactly_one_gets_it()
    {
        await using var forge = await Forge.StartAsync();
        var job = forge.Enqueue("sleep 0.2");

        var exits = await Task.WhenAll(Enumerable.Range(0, 4).Select(i =>
            Task.Run(() => forge.RunAsync(forge.State.Register(ForgeScope.Admin, $"r{i}"), default, "--handle", job.Handle))));

        exits.Select(e => e.Exit).Order().ShouldBe([0, 2, 2, 2]);
        forge.State.Job(job.Id).Starts.ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "J9")]
    public async Task A_cancelled_job_runs_on_until_the_runner_gets_its_signal()
    {
        await using var forge = await Forge.StartAsync();
        var job = forge.Enqueue("sleep 60");
        using var stop = new CancellationTokenSource();
        var config = Path.Combine(forge.Directory, "config.yml");
        await File.WriteAllTextAsync(config, "runner:\n  report_interval: 50ms\n  report_retry: {max_retries: 4, initial_delay: 100ms}\n");
        var run = forge.RunAsync(forge.State.Register(ForgeScope.Admin, "r1"), stop.Token, "-c", config);
        await forge.UntilAsync(job.Id, j => j.Current?.Log.Count > 0);

        forge.State.Cancel(job.Id);
        var seen = forge.Server.Requests(ForgeRoute.UpdateTask);
        while (forge.Server.Requests(ForgeRoute.UpdateTask) < seen + 3)
        {
            await Task.Delay(10);
        }

        run.IsCompleted.ShouldBeFalse("the refused reports are only warned about");
        await stop.CancelAsync();
        var (exit, log) = await run.WaitAsync(TimeSpan.FromMinutes(2));
        exit.ShouldBe(0);
        log.ShouldContain("level=warning");
        forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Cancelled);
    }

    [Fact]
    public async Task The_last_report_waits_for_a_stand_in_that_is_down()
    {
        await using var forge = await Forge.StartAsync();
        var job = forge.Enqueue("true");
        forge.Server.Faults.Add(ForgeRoute.UpdateLog, new ForgeFault(ForgeFaultKind.Disconnect), 2);
        forge.Server.Faults.Add(ForgeRoute.UpdateTask, new ForgeFault(ForgeFaultKind.LoseReply));

        // The result was taken although its answer was lost: the row is gone, and what is tried again is refused until the tries are used
        // up.
        var config = Path.Combine(forge.Directory, "config.yml");
        await File.WriteAllTextAsync(config, "runner:\n  report_retry: {max_retries: 6, initial_delay: 100ms, max_delay: 500ms}\n");
        var (exit, log) = await forge.RunAsync(forge.State.Register(ForgeScope.Admin, "r1"), default, "-c", config)
            .WaitAsync(TimeSpan.FromSeconds(60));
        job = forge.State.Job(job.Id);

        exit.ShouldBe(0, "as the real runner ends, whatever became of the result");
        log.ShouldContain("unable to send final job logs and status");
        job.Status.ShouldBe(ForgeJobStatus.Success);
        job.Current!.Log.Count(l => l.StartsWith('⭐')).ShouldBe(1);
    }

    [Fact]
    public async Task Steps_share_their_environment_outputs_and_expressions()
    {
        await using var forge = await Forge.StartAsync();
        var job = forge.State.Enqueue("acme/app", new ForgeJobRequest("build", ["debian"], Forge.Workflow(
            "strategy: { matrix: { os: [debian] } }",
            "env: { GREETING: 'hello ${{ matrix.os }}' }",
            "outputs: { tag: '${{ steps.one.outputs.tag }}' }",
            "steps:",
            "- uses: https://data.forgejo.org/actions/checkout@v4",
            "- id: one",
            "  shell: sh",
            "  run: |",
            "    echo \"tag=v1\" >> \"$GITHUB_OUTPUT\"; echo \"MORE=yes\" >> \"$FORGEJO_ENV\"",
            "    mkdir sub; mkdir bin; printf '#!/bin/sh\\necho from-path\\n' > bin/tool; chmod +x bin/tool; echo \"$PWD/bin\" >> " +
            "\"$GITHUB_PATH\"",
            "- working-directory: sub",
            "  env: { OWN: '${{ env.MORE }}' }",
            "  run: echo \"$GREETING $MORE $OWN ${{ steps.one.outputs.tag }} ${PWD##*/} $GITHUB_REPOSITORY\"; tool; echo \"${HIDDEN}${{ " +
            "github.token }}\"")));
        Environment.SetEnvironmentVariable("HIDDEN", "of-the-parent");

        await forge.RunAsync(forge.State.Register(ForgeScope.Admin, "r1"));

        Environment.SetEnvironmentVariable("HIDDEN", null);
        var log = forge.State.Job(job.Id).Current!.Log;
        forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Success, string.Join('\n', log));
        log.ShouldContain("hello debian yes yes v1 sub acme/app");
        log.ShouldContain("from-path");
        log.ShouldContain("***");
        log.ShouldContain(l => l.Contains("skipped, the sandbox has no repository", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("- uses: some/action@v1", "cannot run 'some/action@v1'")]
    [InlineData("- run: echo ${{ hashFiles('x') }}", "does not understand the expression 'hashFiles('x')'")]
    [InlineData("- { run: x, shell: fish }", "does not know the shell 'fish'")]
    [InlineData("- { run: x, working-directory: nowhere }", "'nowhere' does not exist")]
    [InlineData("- name: nothing", "neither 'run' nor 'uses'")]
    public async Task What_the_sandbox_cannot_do_fails_with_a_clear_line(string step, string line)
    {
        await using var forge = await Forge.StartAsync();
        var job = forge.State.Enqueue("acme/app", new ForgeJobRequest("build", ["debian"], Forge.Workflow("steps:", step)));

        (await forge.RunAsync(forge.State.Register(ForgeScope.Admin, "r1"))).Exit.ShouldBe(0);

        forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Failure);
        forge.State.Job(job.Id).Current!.Log.ShouldContain(l => l.Contains(line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_sample_workflow_runs_green()
    {
        await using var forge = await Forge.StartAsync();
        foreach (var workflow in WorkflowFile.Samples())
        {
            // The shape matters here, not the waiting.
            forge.State.Enqueue(
                "acme/app",
                workflow.Jobs.Select(j => j with { Payload = j.Payload.Replace("sleep ", "true ", StringComparison.Ordinal) }).ToArray());
        }

        for (var i = 0; i < 7; i++)
        {
            (await forge.RunAsync(forge.State.Register(ForgeScope.Admin, $"r{i}"))).Exit.ShouldBe(0);
        }

        foreach (var job in forge.State.Jobs())
        {
            (job.Status, job.Starts).ShouldBe((ForgeJobStatus.Success, 1), job.Name + "\n" + string.Join('\n', job.Current?.Log ?? []));
        }

        forge.State.Jobs().Single(j => j.Key == "deploy").Current!.Log
            .ShouldContain(l => l.StartsWith("rolling out v1.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_cancels_the_job_at_once_and_reports_it_failed(string signal)
    {
        await using var forge = await Forge.StartAsync();
        var job = forge.Enqueue("sleep 300 & sleep 300");
        var dll = Path.Combine(AppContext.BaseDirectory, "fj-bellows.dll");
        var start = new ProcessStartInfo(
            "dotnet", [dll, "sandbox-runner", .. forge.OneJob(forge.State.Register(ForgeScope.Admin, "r1"), "--label", "debian:host")])
        {
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await forge.UntilAsync(job.Id, j => j.Current?.Log.Count > 0);
            using var kill = Process.Start("kill", ["-" + signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);

            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }

        process.ExitCode.ShouldBe(0, await errors);
        forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Failure);
    }
}
