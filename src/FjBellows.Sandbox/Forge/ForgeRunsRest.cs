using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace FjBellows.Sandbox.Forge;

/// <summary>The routes of a repository's runs, jobs and tasks, and the buttons of its web page.</summary>
internal sealed class ForgeRunsRest(ForgeState state, ForgeRelease release)
{
    private static readonly DateTimeOffset Never = DateTimeOffset.UnixEpoch;

    public async Task<ForgeReply> AnswerAsync(ForgeTarget target, HttpRequest request, string? token, string root)
    {
        if (target.Route == ForgeRoute.WebRun)
        {
            return Web(target, request);
        }

        var repository = target.Route == ForgeRoute.RepositoryById ? state.FindRepository(target.Id) : null;
        var (owner, name) = (repository?.Owner ?? target.Owner ?? "", repository?.Name ?? target.Repository ?? "");
        state.AuthorizeRuns(token, owner, name, target.Writes, target.Route is not (ForgeRoute.Repository or ForgeRoute.RepositoryById));
        var fullName = $"{owner}/{name}";
        switch (target.Route)
        {
            case ForgeRoute.Tasks:
                return Tasks(fullName, request);
            case ForgeRoute.Runs:
                return Runs(fullName, request, root);
            case ForgeRoute.Repository or ForgeRoute.RepositoryById:
                return ForgeRest.Ok(
                    Item(repository ?? state.Repository(state.AddRepository(fullName)), root), ForgeRestJson.Default.RepositoryItem);
            case ForgeRoute.Dispatch:
                return await DispatchAsync(fullName, target.Name!, request).ConfigureAwait(false);
            case ForgeRoute.JobLog:
                return Log(fullName, target.Id, request);
        }

        var run = state.Run(target.Id);
        if (run.Repository != fullName)
        {
            throw new ForgeRefusedException(ForgeRefusal.NotFound, "resource does not exist");
        }

        switch (target.Route)
        {
            case ForgeRoute.RunJobs:
                return ForgeRest.Ok(run.Jobs.Select(j => JobItem.Of(j, release)).ToArray(), ForgeRestJson.Default.JobItemArray);
            case ForgeRoute.CancelRun:
                state.CancelRun(run.Id);
                return ForgeReply.Nothing;
            case ForgeRoute.DeleteRun:
                state.DeleteRun(run.Id);
                return ForgeReply.Nothing;
            default:
                return ForgeRest.Ok(Item(run, root), ForgeRestJson.Default.RunItem);
        }
    }

    private ForgeReply Web(ForgeTarget target, HttpRequest request)
    {
        // A browser that is not signed in is led to the sign-in page.
        if (request.Headers.Cookie.Count == 0)
        {
            return new ForgeReply(303, "", []) { Headers = [new("Location", "/user/login")] };
        }

        var repository = $"{target.Owner}/{target.Repository}";
        var run = state.Runs(repository).FirstOrDefault(r => r.Number == target.Id)
            ?? throw new ForgeRefusedException(ForgeRefusal.NotFound, ForgeRest.NoTarget);
        switch (target.Name)
        {
            case "prioritize" or "deprioritize" when release != ForgeRelease.Forgejo15:
                state.Prioritize(run.Id, target.Name == "prioritize");
                return new ForgeReply(303, "",
                    [])
                { Headers = [new("Location", $"/{repository}/actions?actor=0&page=0&status=0&workflow=")] };
            case "cancel":
                state.CancelRun(run.Id);
                return ForgeRest.Ok(new RerunItem(""), ForgeRestJson.Default.RerunItem);
            case "rerun":
                state.RerunRun(run.Id);
                return ForgeRest.Ok(new RerunItem($"/{repository}/actions/runs/{run.Number}"), ForgeRestJson.Default.RerunItem);
            default:
                throw new ForgeRefusedException(ForgeRefusal.NotFound, ForgeRest.NoTarget);
        }
    }

    private ForgeReply Tasks(string repository, HttpRequest request)
    {
        var all = state.Jobs().Where(j => j.Repository == repository)
            .SelectMany(j => j.Tasks.Select(t => Item(j, t)))
            .OrderByDescending(t => t.Id).ToArray();
        return ForgeRest.Ok(new TasksItem(all.Length, [.. Page(all, request)]), ForgeRestJson.Default.TasksItem);
    }

    private ForgeReply Runs(string repository, HttpRequest request, string root)
    {
        var words = Enum.GetValues<ForgeJobStatus>().Select(JobItem.Word).ToHashSet(StringComparer.Ordinal);
        var wanted = request.Query["status"].OfType<string>().ToArray();
        if (wanted.FirstOrDefault(w => !words.Contains(w)) is { } unknown)
        {
            throw new ForgeRefusedException(ForgeRefusal.BadRequest, $"unknown status: {unknown}");
        }

        var all = state.Runs(repository).Where(r => wanted.Length == 0 || wanted.Contains(JobItem.Word(r.Status))).ToArray();
        return ForgeRest.Ok(new RunsItem(all.Length, [.. Page(all, request).Select(r => Item(r, root))]), ForgeRestJson.Default.RunsItem);
    }

    private async Task<ForgeReply> DispatchAsync(string repository, string file, HttpRequest request)
    {
        DispatchBody? body;
        try
        {
            body = await JsonSerializer.DeserializeAsync(request.Body, ForgeRestJson.Default.DispatchBody).ConfigureAwait(false);
        }
        catch (JsonException broken)
        {
            throw new ForgeRefusedException(ForgeRefusal.Invalid, $"[]: {broken.Message}");
        }

        var run = state.Dispatch(repository, file);
        return body is { ReturnRunInfo: true }
            ? ForgeRest.Ok(
                new DispatchedItem(run.Id, run.Number, [.. run.Jobs.Select(j => j.Key).Distinct()]), ForgeRestJson.Default.DispatchedItem,
                201)
            : ForgeReply.Nothing;
    }

    private ForgeReply Log(string repository, long id, HttpRequest request)
    {
        var job = state.Jobs().FirstOrDefault(j => j.Id == id && j.Repository == repository)
            ?? throw new ForgeRefusedException(ForgeRefusal.NotFound, $"run job with id {id}: resource does not exist");
        var attempt = request.Query.ContainsKey("attempt") ? ForgeRest.Number(request, "attempt") : job.Attempt;
        var task = job.Tasks.LastOrDefault(t => t.Attempt == attempt);
        if (task is null)
        {
            throw new ForgeRefusedException(
                ForgeRefusal.NotFound,
                request.Query.ContainsKey("attempt")
                    ? $"task with job_id {id} and attempt {attempt}: resource does not exist"
                    : "job has not been executed yet");
        }

        // The rows' own times are not kept; every row shows the task's start.
        var start = task.StartedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
        var text = Encoding.UTF8.GetBytes(string.Concat(task.Log.Select(row => $"{start} {row}\n")));
        var reply = new ForgeReply(200, "text/plain; charset=utf-8", text) { Headers = [new("Accept-Ranges", "bytes")] };
        if (request.GetTypedHeaders().Range is { Ranges.Count: 1 } range && range.Ranges.First() is { From: { } from } part
            && from < text.Length)
        {
            var to = Math.Min(part.To ?? text.Length - 1, text.Length - 1);
            return reply with
            {
                Status = 206,
                Body = text[(int)from..((int)to + 1)],
                Headers = [.. reply.Headers, new("Content-Range", $"bytes {from}-{to}/{text.Length}")],
            };
        }

        return reply;
    }

    private static IEnumerable<T> Page<T>(IReadOnlyList<T> all, HttpRequest request)
    {
        var limit = ForgeRest.Number(request, "limit") is > 0 and var asked
            ? Math.Min(asked, ForgeRest.LargestPage)
            : ForgeRest.DefaultPage;
        return all.Skip((Math.Max(1, ForgeRest.Number(request, "page")) - 1) * limit).Take(limit);
    }

    private RunItem Item(ForgeRun run, string root)
    {
        var repository = state.Repository(run.Jobs.Count > 0 ? run.Jobs[0].RepositoryId : state.AddRepository(run.Repository));
        return new RunItem(
            run.Id, run.Title, Item(repository, root), run.Workflow, run.Number, User(repository.OwnerId, repository.Owner, root), 0,
            "main", false,
            "0000000000000000000000000000000000000000", false, false, 0, run.Event == "workflow_dispatch" ? "" : run.Event, "{}", run.Event,
            JobItem.Word(run.Status), Time(run.StartedAt), Time(run.StoppedAt), Time(run.CreatedAt), Time(run.UpdatedAt),
            run is { StartedAt: { } started, StoppedAt: { } stopped } ? (long)(stopped - started).TotalSeconds * 1_000_000_000 : null,
            $"{root}/{run.Repository}/actions/runs/{run.Number}");
    }

    private static RepositoryItem Item(ForgeRepository repository, string root) => new(
        repository.Id, User(repository.OwnerId, repository.Owner, root), repository.Name, repository.FullName, false,
        $"{root}/{repository.FullName}",
        $"{root}/api/v1/repos/{repository.FullName}", $"{root}/{repository.FullName}.git", "main", repository.HasActions);

    private static UserItem User(long id, string name, string root) => new(id, name, "", $"{root}/{name}", name);

    private static string Time(DateTimeOffset? at) =>
        (at ?? Never).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static TaskItem Item(ForgeJob job, ForgeTask task) => new(
        task.Id, job.Name, job.RunId, JobItem.Word(task.Result), task.StartedAt, task.StoppedAt ?? task.StartedAt, task.StartedAt);
}
