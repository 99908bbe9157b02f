using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace FjBellows.Sandbox.Forge;

/// <summary>What a runner is told of the task it got: the keys that Forgejo sends, empty where the stand-in has nothing to say.</summary>
internal static class ForgeTaskContext
{
    private static readonly string[] Empty =
    [
        "action", "action_path", "action_ref", "action_repository", "action_status", "base_ref", "env", "event_path", "graphql_url",
        "head_ref", "path",
        "retention_days", "runner_perflog", "runner_tracking_id", "secret_source", "workspace",
    ];

    public static Struct Of(ForgeAssignment assignment, string serverUrl, ForgeRelease release)
    {
        var job = assignment.Job;
        var run = Text(job.RunId);
        var owner = job.Repository.Split('/')[0];
        var token = assignment.Token.Reveal();
        var context = new Struct();
        foreach (var key in Empty)
        {
            context.Fields[key] = Value.ForString("");
        }

        foreach (var (key, value) in new (string, string)[]
        {
            ("actor", "forge"),
            ("api_url", serverUrl + "api/v1"),
            ("event_name", "push"),
            ("forgejo_server_version", release == ForgeRelease.Forgejo15 ? "15.0.3" : "16.0.0"),
            ("gitea_default_actions_url", "https://data.forgejo.org"),
            ("gitea_runtime_token", token),
            ("job", job.Key),
            ("job_name", job.Name),
            ("ref", "refs/heads/main"),
            ("ref_name", "main"),
            ("ref_type", "branch"),
            ("repository", job.Repository),
            ("repositoryUrl", $"{serverUrl}{job.Repository}.git"),
            ("repository_owner", owner),
            ("run_attempt", Text(job.Attempt)),
            ("run_id", run),
            ("run_number", run),
            ("server_url", serverUrl),
            ("sha", "0000000000000000000000000000000000000000"),
            ("token", token),
            ("triggering_actor", "forge"),
            ("workflow", "ci"),
            ("workflow_ref", $"{job.Repository}/.forgejo/workflows/ci.yml@refs/heads/main"),
        })
        {
            context.Fields[key] = Value.ForString(value);
        }

        context.Fields["ref_protected"] = Value.ForBool(false);
        context.Fields["event"] = Value.ForStruct(new Struct());
        if (release != ForgeRelease.Forgejo15)
        {
            context.Fields["actor_id"] = Value.ForString("1");
            context.Fields["repository_id"] = Value.ForString(Text(job.RepositoryId));
            context.Fields["repository_owner_id"] = Value.ForString(Text(job.OwnerId));
        }

        return context;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
