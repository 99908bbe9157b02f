using System.Globalization;
using System.Runtime.InteropServices;

namespace FjBellows.Sandbox.Runner;

/// <summary>A small stand-in for <c>forgejo-runner one-job</c>: same flags, exit codes and log lines; it runs the <c>run</c> steps of a job
/// on this machine. It is started once for each job, so it keeps away from everything that is slow to start.</summary>
public static class SandboxRunner
{
    private const int RanTask = 0;
    private const int Failed = 1;
    private const int NoTask = 2;

    /// <summary>The version of forgejo-runner whose behaviour it copies, marked as a sandbox.</summary>
    public const string Version = "v12.8.2+sandbox";

    /// <summary>Runs the program. SIGTERM and SIGINT end a wait with exit code 0 and cancel a running job, which is then reported as
    /// failed.</summary>
    /// <param name="args"><c>one-job</c> and its flags, or <c>--version</c>.</param>
    /// <param name="cancellationToken">Does what SIGTERM does.</param>
    /// <returns>0 when a task ran, whatever its result, or a signal ended the wait; 1 when the configuration is wrong or the server refuses
    /// the runner; 2 when there is no task for it.</returns>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(args);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        return await RunAsync(args, Console.Out, Console.Error, TimeProvider.System, stop.Token).ConfigureAwait(false);

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    internal static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors, TimeProvider time, CancellationToken stop)
    {
        if (args is ["--version" or "-v" or "version"])
        {
            await output.WriteLineAsync("forgejo-runner version " + Version).ConfigureAwait(false);
            return 0;
        }

        var log = new RunnerLog(errors, time);
        try
        {
            if (args is not ["one-job", ..])
            {
                throw new FormatException("the sandbox runner knows 'one-job' and '--version'");
            }

            var arguments = RunnerArguments.Parse(args.AsSpan(1));
            if (File.Exists(".runner"))
            {
                throw new FormatException("a .runner file in the working directory and the connection flags exclude each other");
            }

            var config = arguments.ConfigFile is { } path ? RunnerConfig.Read(path) : new RunnerConfig();
            var client = new RunnerClient(arguments.Url, arguments.Uuid, ReadToken(arguments.TokenUrl));
            return await OneJobAsync(arguments, config, client, log, time, stop).ConfigureAwait(false);
        }
        catch (FormatException wrong)
        {
            log.Fatal(wrong.Message);
            return Failed;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return RanTask;
        }
    }

    private static async Task<int> OneJobAsync(
        RunnerArguments arguments, RunnerConfig config, RunnerClient client, RunnerLog log, TimeProvider time, CancellationToken stop)
    {
        log.Info("Starting job");
        try
        {
            var reply = await client.CallAsync("Declare", RunnerMessages.Declare(Version, arguments.Labels), stop).ConfigureAwait(false);
            var (name, ephemeral) = RunnerMessages.ReadDeclared(reply);
            log.Info($"runner: {name}, with version: {Version}, with labels: [{string.Join(' ', arguments.Labels)}], "
                + $"ephemeral: {(ephemeral ? "true" : "false")}, declared successfully");
        }
        catch (RunnerCallException refused)
        {
            log.Error("fail to invoke Declare", refused.Message);
            log.Fatal(refused.Message);
            return Failed;
        }

        log.Info("single task poller launched");
        var task = await FetchAsync(arguments, config.FetchTimeout, client, log, time, stop).ConfigureAwait(false);
        if (task is not null)
        {
            log.Info($"single task poller successfully fetched one task from {arguments.Url}");
            var actions = task.Context.GetValueOrDefault(
                "forgejo_default_actions_url", task.Context.GetValueOrDefault("gitea_default_actions_url", ""));
            log.Info($"task {task.Id} repo is {task.Context.GetValueOrDefault("repository")} {actions} {arguments.Url}");
            await RunTaskAsync(task, config, client, log, time, stop).ConfigureAwait(false);
        }

        log.Info("single task poller is shutting down");
        if (task is null)
        {
            log.Fatal("no task received");
            return NoTask;
        }

        return RanTask;
    }

    private static async Task<RunnerTask?> FetchAsync(
        RunnerArguments arguments, TimeSpan timeout, RunnerClient client, RunnerLog log, TimeProvider time, CancellationToken stop)
    {
        var single = !string.IsNullOrEmpty(arguments.Handle);
        var key = Guid.NewGuid().ToString();
        while (true)
        {
            try
            {
                var reply = await client.CallAsync(
                    single ? "FetchSingleTask" : "FetchTask", single ? RunnerMessages.FetchSingleTask(arguments.Handle!) : [], stop, key,
                    timeout).ConfigureAwait(false);
                if (RunnerMessages.ReadFetched(reply, single) is { } task)
                {
                    return task;
                }

                // An answer uses the key up; without one the same key brings the same task again.
                key = Guid.NewGuid().ToString();
                if (arguments.Wait)
                {
                    log.Info($"single task poller received no task from {arguments.Url}, trying again");
                }
            }
            catch (RunnerCallException failed)
            {
                log.Error("failed to fetch task", failed.Message);
            }

            if (!arguments.Wait)
            {
                return null;
            }

            await Task.Delay(arguments.FetchInterval, time, stop).ConfigureAwait(false);
        }
    }

    private static async Task RunTaskAsync(
        RunnerTask task, RunnerConfig config, RunnerClient client, RunnerLog log, TimeProvider time, CancellationToken stop)
    {
        using var reporter = new TaskReporter(client, task, log, config.ReportInterval, time);
        using var limit = new CancellationTokenSource(config.Timeout, time);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stop, reporter.Stopped, limit.Token);
        var parent = config.WorkParent ?? Path.GetTempPath();
        var directory = Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $"sandbox-task-{task.Id}-{Guid.NewGuid():N}"));
        MakePrivate(directory);
        try
        {
            var reports = reporter.ReportAsync();
            var run = new JobRun(task, reporter, time, directory);
            await run.RunAsync(cancel.Token).ConfigureAwait(false);
            reporter.EndReports();
            await reports.ConfigureAwait(false);
            var isOverTime = limit.IsCancellationRequested || (reporter.Stopped.IsCancellationRequested && !stop.IsCancellationRequested);
            await reporter.FinishAsync(isOverTime ? TaskResult.Cancelled : run.Result, config.ReportRetry).ConfigureAwait(false);
        }
        finally
        {
            Discard(directory, log);
        }
    }

    /// <summary>A process that a step left behind may still write there, or have made files that are not ours: the task is over all the
    /// same.</summary>
    private static void Discard(string directory, RunnerLog log)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception kept) when (kept is IOException or UnauthorizedAccessException)
        {
            log.Warn($"the working directory {directory} could not be removed: {kept.Message}");
        }
    }

    private static void MakePrivate(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static string ReadToken(string url)
    {
        var path = url["file:".Length..];
        if (path.StartsWith("//", StringComparison.Ordinal))
        {
            path = path[2..];
        }

        path = path.Replace(
            "$CREDENTIALS_DIRECTORY", Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY"), StringComparison.Ordinal);
        try
        {
            var token = File.ReadAllText(path);
            return token.Any(char.IsControl)
                ? throw new FormatException($"the token in {path} holds a line break; write it without one")
                : token;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"the token of --token-url cannot be read: {unreadable.Message}", unreadable);
        }
    }
}
