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

    /// <summary><c>GET /repos/{owner}/{repo}/actions/tasks</c>.</summary>
    Tasks,

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
internal readonly record struct ForgeTarget(ForgeRoute Route, ForgeScopeKind Scope = default, string? Owner = null, string? Repository = null, long Id = 0)
{
    public bool IsRunnerCall => Route >= ForgeRoute.Declare;

    public bool Writes => Route is ForgeRoute.RegisterRunner or ForgeRoute.DeleteRunner;

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
            ["api", "v1", "repos", var owner, var repo, "actions", "tasks"] when method == "GET" =>
                new ForgeTarget(ForgeRoute.Tasks, ForgeScopeKind.Repository, owner, repo),
            ["api", "v1", "repos", var owner, var repo, "actions", "runners", .. var rest] =>
                Scoped(method, rest, ForgeScopeKind.Repository, owner, repo),
            _ => new ForgeTarget(ForgeRoute.Unknown),
        };
    }

    private static ForgeTarget Scoped(string method, string[] rest, ForgeScopeKind kind, string? owner = null, string? repo = null)
    {
        var id = rest is [var text] && long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
        var route = (method, rest) switch
        {
            ("GET", []) => ForgeRoute.ListRunners,
            ("POST", []) => ForgeRoute.RegisterRunner,
            ("GET", ["jobs"]) => ForgeRoute.Jobs,
            ("GET", [_]) => ForgeRoute.GetRunner,
            ("DELETE", [_]) => ForgeRoute.DeleteRunner,
            _ => ForgeRoute.Unknown,
        };
        return new ForgeTarget(route, kind, owner, repo, id);
    }
}
