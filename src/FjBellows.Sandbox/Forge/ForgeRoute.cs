namespace FjBellows.Sandbox.Forge;

/// <summary>What a request to the stand-in asks for, whatever its scope.</summary>
public enum ForgeRoute
{
    /// <summary>Nothing it serves: 404.</summary>
    Unknown,

    /// <summary><c>GET /api/v1/version</c>.</summary>
    Version,

    /// <summary><c>GET /api/v1/settings/api</c>.</summary>
    Settings,

    /// <summary><c>GET …/actions/runners</c>.</summary>
    ListRunners,

    /// <summary><c>POST …/actions/runners</c>.</summary>
    RegisterRunner,

    /// <summary><c>GET …/actions/runners/{id}</c>.</summary>
    GetRunner,

    /// <summary><c>DELETE …/actions/runners/{id}</c>.</summary>
    DeleteRunner,

    /// <summary><c>GET …/actions/runners/jobs</c>.</summary>
    Jobs,

    /// <summary>A path it serves, asked with a method it does not: 405.</summary>
    WrongMethod,

    /// <summary><c>GET /repos/{owner}/{repo}/actions/tasks</c>.</summary>
    Tasks,

    /// <summary><c>GET /repos/{owner}/{repo}/actions/runs</c>.</summary>
    Runs,

    /// <summary><c>GET …/actions/runs/{id}</c>.</summary>
    Run,

    /// <summary><c>POST …/actions/workflows/{file}/dispatches</c>.</summary>
    Dispatch,

    /// <summary><c>GET /repos/{owner}/{repo}</c>.</summary>
    Repository,

    /// <summary><c>GET /repositories/{id}</c>.</summary>
    RepositoryById,

    /// <summary><c>GET …/actions/runs/{id}/jobs</c>, since 16.</summary>
    RunJobs,

    /// <summary><c>POST …/actions/runs/{id}/cancel</c>, since 16.</summary>
    CancelRun,

    /// <summary><c>DELETE …/actions/runs/{id}</c>, since 16.</summary>
    DeleteRun,

    /// <summary><c>GET …/actions/jobs/{id}/logs</c>, since 16.</summary>
    JobLog,

    /// <summary><c>POST /{owner}/{repo}/actions/runs/{number}/{cancel|rerun|prioritize|deprioritize}</c>: a button of the web
    /// page.</summary>
    WebRun,

    /// <summary>RunnerService/Declare.</summary>
    Declare,

    /// <summary>RunnerService/FetchTask.</summary>
    FetchTask,

    /// <summary>RunnerService/FetchSingleTask.</summary>
    FetchSingleTask,

    /// <summary>RunnerService/UpdateTask.</summary>
    UpdateTask,

    /// <summary>RunnerService/UpdateLog.</summary>
    UpdateLog,

    /// <summary>PingService/Ping.</summary>
    Ping,
}

/// <summary>A request's route with what its path names.</summary>
internal readonly record struct ForgeTarget(
    ForgeRoute Route, ForgeScopeKind Scope = default, string? Owner = null, string? Repository = null, long Id = 0, string? Name = null)
{
    public bool IsRunnerCall => Route >= ForgeRoute.Declare;

    public bool Writes =>
        Route is ForgeRoute.RegisterRunner or ForgeRoute.DeleteRunner or ForgeRoute.Dispatch or ForgeRoute.CancelRun
            or ForgeRoute.DeleteRun;

    public bool IsNewIn16 => Route is ForgeRoute.RunJobs or ForgeRoute.CancelRun or ForgeRoute.DeleteRun or ForgeRoute.JobLog;

    public static ForgeTarget Parse(string method, string path)
    {
        var parts = path.Trim('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        return parts switch
        {
            ["api", "actions", "runner.v1.RunnerService", var call] => new ForgeTarget(call switch
            {
                "Declare" => ForgeRoute.Declare,
                "FetchTask" => ForgeRoute.FetchTask,
                "FetchSingleTask" => ForgeRoute.FetchSingleTask,
                "UpdateTask" => ForgeRoute.UpdateTask,
                "UpdateLog" => ForgeRoute.UpdateLog,
                _ => ForgeRoute.Unknown,
            }),
            ["api", "actions", "ping.v1.PingService", "Ping"] => new ForgeTarget(ForgeRoute.Ping),
            ["api", "v1", "version"] when method == "GET" => new ForgeTarget(ForgeRoute.Version),
            ["api", "v1", "settings", "api"] when method == "GET" => new ForgeTarget(ForgeRoute.Settings),
            // Deprecated since 15 and still served.
            ["api", "v1", "admin", "runners", "jobs"] when method == "GET" => new ForgeTarget(ForgeRoute.Jobs, ForgeScopeKind.Admin),
            ["api", "v1", "admin", "actions", "runners", .. var rest] => Scoped(method, rest, ForgeScopeKind.Admin),
            ["api", "v1", "user", "actions", "runners", .. var rest] => Scoped(method, rest, ForgeScopeKind.User),
            ["api", "v1", "orgs", var org, "actions", "runners", .. var rest] => Scoped(method, rest, ForgeScopeKind.Organization, org),
            ["api", "v1", "repositories", var id] when method == "GET" => new ForgeTarget(ForgeRoute.RepositoryById, Id: IdOf(id)),
            ["api", "v1", "repos", var owner, var repo, "actions", "runners", .. var rest] =>
                Scoped(method, rest, ForgeScopeKind.Repository, owner, repo),
            ["api", "v1", "repos", var owner, var repo, .. var rest] => OfRepository(method, rest, owner, repo),
            [var owner, var repo, "actions", "runs", var number, var button] when method == "POST" =>
                new ForgeTarget(ForgeRoute.WebRun, ForgeScopeKind.Repository, owner, repo, IdOf(number), button),
            _ => new ForgeTarget(ForgeRoute.Unknown),
        };
    }

    private static ForgeTarget OfRepository(string method, string[] rest, string owner, string repo)
    {
        var route = (method, rest) switch
        {
            ("GET", []) => ForgeRoute.Repository,
            ("GET", ["actions", "tasks"]) => ForgeRoute.Tasks,
            ("GET", ["actions", "runs"]) => ForgeRoute.Runs,
            ("GET", ["actions", "runs", _]) => ForgeRoute.Run,
            ("DELETE", ["actions", "runs", _]) => ForgeRoute.DeleteRun,
            ("GET", ["actions", "runs", _, "jobs"]) => ForgeRoute.RunJobs,
            ("POST", ["actions", "runs", _, "cancel"]) => ForgeRoute.CancelRun,
            ("GET", ["actions", "jobs", _, "logs"]) => ForgeRoute.JobLog,
            ("POST", ["actions", "workflows", _, "dispatches"]) => ForgeRoute.Dispatch,
            _ => ForgeRoute.Unknown,
        };
        var named = rest.Length > 2 ? rest[2] : null;
        return new ForgeTarget(route, ForgeScopeKind.Repository, owner, repo, IdOf(named), named);
    }

    private static ForgeTarget Scoped(string method, string[] rest, ForgeScopeKind kind, string? owner = null, string? repo = null)
    {
        var route = (method, rest) switch
        {
            ("GET", []) => ForgeRoute.ListRunners,
            ("POST", []) => ForgeRoute.RegisterRunner,
            ("GET", ["jobs"]) => ForgeRoute.Jobs,
            ("GET", [_]) => ForgeRoute.GetRunner,
            ("DELETE", [_]) => ForgeRoute.DeleteRunner,
            (_, [] or [_]) => ForgeRoute.WrongMethod,
            _ => ForgeRoute.Unknown,
        };
        return new ForgeTarget(route, kind, owner, repo, IdOf(rest is [var text] ? text : null));
    }

    private static long IdOf(string? text) =>
        long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
}
