using System.Globalization;

namespace FjBellows.Sandbox.Runner;

/// <summary>Runs the steps of one job in a directory of its own.</summary>
internal sealed class JobRun(RunnerTask task, TaskReporter reporter, TimeProvider time, string directory)
{
    private readonly string _workspace = Path.Combine(directory, "workspace");
    private readonly JobExpressions _expressions = new();
    private readonly Dictionary<string, string> _env = [];
    private string _path = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin";

    /// <summary>How it ended: success, failure, or skipped when the job's own <c>if</c> says so.</summary>
    public TaskResult Result { get; private set; }

    /// <summary>Runs the job. A cancelled one ends at once, with its processes.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var plan = JobPlan.Read(task.Payload);
            Directory.CreateDirectory(_workspace);
            Prepare(plan);
            for (var i = 0; i < plan.Steps.Count; i++)
            {
                reporter.Steps.Add(new StepReport());
            }

            if (plan.If.Length > 0 && !_expressions.Decide(plan.If))
            {
                reporter.Write("the job's condition is false: " + plan.If);
                reporter.Steps.ForEach(s => s.Result = TaskResult.Skipped);
                Result = TaskResult.Skipped;
                return;
            }

            for (var i = 0; i < plan.Steps.Count; i++)
            {
                await StepAsync(plan.Steps[i], i, cancellationToken).ConfigureAwait(false);
            }

            foreach (var (name, value) in plan.Outputs)
            {
                reporter.Outputs[name] = _expressions.Fill(value);
            }
        }
        catch (Exception broken) when (broken is FormatException or IOException or UnauthorizedAccessException)
        {
            reporter.Write("❌  " + broken.Message);
            _expressions.HasFailed = true;
        }

        var failed = _expressions.HasFailed || cancellationToken.IsCancellationRequested;
        reporter.Write(failed ? "🏁  Job failed" : "🏁  Job succeeded");
        Result = failed ? TaskResult.Failure : TaskResult.Success;
    }

    private void Prepare(JobPlan plan)
    {
        foreach (var alias in new[] { "github", "forge", "forgejo", "gitea" })
        {
            _expressions.SetAll(alias, task.Context);
            _expressions.Set(alias + ".workspace", _workspace);
        }

        _expressions.SetAll("secrets", task.Secrets);
        _expressions.SetAll("vars", task.Variables);
        _expressions.SetAll("needs", task.Needs);
        _expressions.SetAll("matrix", plan.Matrix);
        _expressions.Set("runner.os", "Linux");
        _expressions.Set("runner.temp", directory);
        _env["CI"] = "true";
        _env["RUNNER_OS"] = "Linux";
        _env["RUNNER_TEMP"] = directory;
        foreach (var prefix in new[] { "GITHUB_", "FORGEJO_" })
        {
            _env[prefix + "ACTIONS"] = "true";
            _env[prefix + "WORKSPACE"] = _workspace;
            foreach (var key in
                new[] { "actor", "event_name", "job", "ref", "ref_name", "repository", "run_attempt", "run_id", "run_number", "server_url",
                    "sha" })
            {
                _env[prefix + key.ToUpperInvariant()] = task.Context.GetValueOrDefault(key, "");
            }
        }

        foreach (var (name, value) in plan.Env)
        {
            SetEnv(name, _expressions.Fill(value));
        }
    }

    private void SetEnv(string name, string value)
    {
        _env[name] = value;
        _expressions.Set("env." + name, value);
    }

    private async Task StepAsync(StepPlan step, int index, CancellationToken cancellationToken)
    {
        var report = reporter.Steps[index];
        report.LogIndex = reporter.RowCount;
        report.StartedAt = time.GetUtcNow();
        try
        {
            report.Result = TaskResult.Skipped;
            if (!cancellationToken.IsCancellationRequested && _expressions.Decide(step.If))
            {
                await ExecuteAsync(step, index, report, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception broken) when (broken is FormatException or IOException or UnauthorizedAccessException)
        {
            reporter.Write($"❌  {step.Name}: {broken.Message}");
            report.Result = TaskResult.Failure;
        }

        report.StoppedAt = time.GetUtcNow();
        report.LogLength = reporter.RowCount - report.LogIndex;
        _expressions.HasFailed |= report.Result == TaskResult.Failure && !step.MayFail;
        _expressions.Set($"steps.{step.Id}.outcome", RunnerMessages.Word(report.Result));
        _expressions.Set($"steps.{step.Id}.conclusion", RunnerMessages.Word(step.MayFail ? TaskResult.Success : report.Result));
    }

    private async Task ExecuteAsync(StepPlan step, int index, StepReport report, CancellationToken cancellationToken)
    {
        var name = _expressions.Fill(step.Name);
        if (step.Uses is { } action)
        {
            if (action.Contains("actions/checkout@", StringComparison.Ordinal))
            {
                reporter.Write($"⏭  {name}: skipped, the sandbox has no repository to check out");
                return;
            }

            throw new FormatException($"the sandbox runner runs no actions, so it cannot run '{action}'; use a 'run' step");
        }

        if (step.Run is null)
        {
            throw new FormatException("the step has neither 'run' nor 'uses'");
        }

        reporter.Write("⭐  Run " + name);
        var env = new Dictionary<string, string>(_env);
        foreach (var (key, value) in step.Env)
        {
            env[key] = _expressions.Fill(value);
            _expressions.Set("env." + key, env[key]);
        }

        var files = new StepFiles(directory, index);
        files.AddTo(env);
        env["PATH"] = _path;
        var script = Path.Combine(directory, index.ToString(CultureInfo.InvariantCulture) + ".sh");
        // A cancel ends the step, which is reported; it never ends the report.
        await File.WriteAllTextAsync(script, _expressions.Fill(step.Run) + "\n", CancellationToken.None).ConfigureAwait(false);
        var place = step.WorkingDirectory is { } below ? Path.Combine(_workspace, _expressions.Fill(below)) : _workspace;
        if (!Directory.Exists(place))
        {
            throw new FormatException($"working-directory '{step.WorkingDirectory}' does not exist");
        }

        var exit = await StepProcess.RunAsync(step.Shell, script, place, env, reporter.Write, cancellationToken).ConfigureAwait(false);
        Collect(step, files);
        if (exit != 0)
        {
            reporter.Write(cancellationToken.IsCancellationRequested ? $"❌  Cancelled - {name}" : $"❌  Failure - {name}: exit code {exit}");
            report.Result = TaskResult.Failure;
            return;
        }

        report.Result = TaskResult.Success;
        reporter.Write("✅  Success - " + name);
    }

    /// <summary>Takes over what the step wrote for those after it.</summary>
    private void Collect(StepPlan step, StepFiles files)
    {
        foreach (var (key, value) in files.ReadEnv())
        {
            SetEnv(key, value);
        }

        foreach (var (key, value) in files.ReadOutputs())
        {
            _expressions.Set($"steps.{step.Id}.outputs.{key}", value);
        }

        foreach (var added in files.ReadPaths())
        {
            _path = added + ":" + _path;
        }
    }
}
