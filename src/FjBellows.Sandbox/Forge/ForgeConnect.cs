using FjBellows.Sandbox.Forge.Protocol;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace FjBellows.Sandbox.Forge;

/// <summary>The runner's service over a state: unary ConnectRPC, binary protobuf and protojson.</summary>
internal static class ForgeConnect
{
    private const string Binary = "application/proto";
    private const string Text = "application/json";
    private static readonly JsonParser Reader = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    public static async Task<ForgeReply> AnswerAsync(ForgeState state, ForgeRelease release, ForgeRoute route, HttpRequest request)
    {
        var type = request.ContentType?.Split(';')[0].Trim();
        if (request.Method != "POST")
        {
            return new ForgeReply(405, Text, []) { Headers = [new("Allow", "POST")] };
        }

        if (type is not (Binary or Text))
        {
            return new ForgeReply(415, Text, []) { Headers = [new("Accept-Post", $"{Binary}, {Text}")] };
        }

        if (request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding and not "identity")
        {
            return Error(501, "unimplemented", $"unknown compression \"{encoding}\": supported encodings are none");
        }

        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body).ConfigureAwait(false);
        try
        {
            var reply = Answer(state, release, route, new Call(request, body.ToArray(), type == Text));
            return type == Text
                ? ForgeReply.Text(200, Text, JsonFormatter.Default.Format(reply))
                : new ForgeReply(200, Binary, reply.ToByteArray());
        }
        catch (Exception broken) when (broken is InvalidProtocolBufferException or InvalidJsonException)
        {
            return Error(400, "invalid_argument", $"unmarshal message: {broken.Message}");
        }
        catch (ForgeRefusedException refused)
        {
            return refused.Reason switch
            {
                ForgeRefusal.Unauthenticated => Error(401, "unauthenticated", refused.Message),
                ForgeRefusal.AlreadyExists => Error(409, "already_exists", refused.Message),
                ForgeRefusal.Invalid or ForgeRefusal.BadRequest => Error(400, "invalid_argument", refused.Message),
                _ => Error(500, "internal", refused.Message),
            };
        }
    }

    private static ForgeReply Error(int status, string code, string message) =>
        ForgeReply.Text(
            status, Text,
            $$"""{"code":"{{code}}","message":{{System.Text.Json.JsonSerializer.Serialize(message, ForgeConnectJson.Default.String)}}}""");

    private static IMessage Answer(ForgeState state, ForgeRelease release, ForgeRoute route, Call call) => route switch
    {
        ForgeRoute.Declare => Declare(state, call, call.Read(DeclareRequest.Parser)),
        ForgeRoute.FetchTask => FetchTask(state, release, call, call.Read(FetchTaskRequest.Parser)),
        ForgeRoute.FetchSingleTask => FetchSingleTask(state, release, call, call.Read(FetchSingleTaskRequest.Parser)),
        ForgeRoute.UpdateTask => UpdateTask(state, call, call.Read(UpdateTaskRequest.Parser)),
        ForgeRoute.UpdateLog => UpdateLog(state, call, call.Read(UpdateLogRequest.Parser)),
        _ => new PingResponse { Data = $"Hello, {call.Read(PingRequest.Parser).Data}!" },
    };

    private static DeclareResponse Declare(ForgeState state, Call call, DeclareRequest request)
    {
        var runner = state.Declare(call.Uuid, call.Token, request.Version, request.Labels);
        var shown = new Protocol.Runner
        {
            Id = runner.Id,
            Uuid = runner.Uuid,
            Name = runner.Name,
            Version = runner.Version,
            Ephemeral = runner.Ephemeral,
        };
        shown.Labels.AddRange(runner.Labels ?? []);
        return new DeclareResponse { Runner = shown };
    }

    private static FetchTaskResponse FetchTask(ForgeState state, ForgeRelease release, Call call, FetchTaskRequest request)
    {
        var fetched = state.Fetch(call.Uuid, call.Token, call.RequestKey, request.TasksVersion);
        return new FetchTaskResponse { TasksVersion = fetched.TasksVersion, Task = Assigned(fetched.Task, release, call) };
    }

    private static FetchSingleTaskResponse FetchSingleTask(
        ForgeState state, ForgeRelease release, Call call, FetchSingleTaskRequest request)
    {
        var fetched = state.Fetch(call.Uuid, call.Token, call.RequestKey, request.TasksVersion, request.Handle);
        return new FetchSingleTaskResponse { TasksVersion = fetched.TasksVersion, Task = Assigned(fetched.Task, release, call) };
    }

    private static Protocol.Task? Assigned(ForgeAssignment? assignment, ForgeRelease release, Call call)
    {
        if (assignment is null)
        {
            return null;
        }

        var task = new Protocol.Task
        {
            Id = assignment.Id,
            WorkflowPayload = ByteString.CopyFromUtf8(assignment.Payload),
            Context = ForgeTaskContext.Of(assignment, call.ServerUrl, release),
        };
        foreach (var name in new[] { "FORGEJO_TOKEN", "GITEA_TOKEN", "GITHUB_TOKEN" })
        {
            task.Secrets[name] = assignment.Token.Reveal();
        }

        foreach (var (key, need) in assignment.Needs)
        {
            var shown = new TaskNeed { Result = Shown(need.Result) };
            shown.Outputs.Add(need.Outputs.ToDictionary());
            task.Needs[key] = shown;
        }

        return task;
    }

    private static UpdateTaskResponse UpdateTask(ForgeState state, Call call, UpdateTaskRequest request)
    {
        var id = request.State?.Id ?? 0;
        var result = state.UpdateTask(call.Uuid, call.Token, id, Meant(request.State?.Result ?? Result.Unspecified), request.Outputs);
        var reply = new UpdateTaskResponse { State = new TaskState { Id = id, Result = Shown(result) } };
        reply.SentOutputs.AddRange(request.Outputs.Keys);
        return reply;
    }

    private static UpdateLogResponse UpdateLog(ForgeState state, Call call, UpdateLogRequest request) => new()
    {
        AckIndex = state.UpdateLog(
            call.Uuid, call.Token, request.TaskId, request.Index, request.Rows.Select(r => r.Content).ToArray(), request.NoMore),
    };

    private static ForgeJobStatus Meant(Result result) => result switch
    {
        Result.Success => ForgeJobStatus.Success,
        Result.Failure => ForgeJobStatus.Failure,
        Result.Cancelled => ForgeJobStatus.Cancelled,
        Result.Skipped => ForgeJobStatus.Skipped,
        _ => ForgeJobStatus.Running,
    };

    private static Result Shown(ForgeJobStatus status) => status switch
    {
        ForgeJobStatus.Success => Result.Success,
        ForgeJobStatus.Failure => Result.Failure,
        ForgeJobStatus.Cancelled => Result.Cancelled,
        ForgeJobStatus.Skipped => Result.Skipped,
        _ => Result.Unspecified,
    };

    private readonly struct Call(HttpRequest request, byte[] body, bool isText)
    {
        public string? Uuid => request.Headers["x-runner-uuid"];

        public string? Token => request.Headers["x-runner-token"];

        public string? RequestKey => request.Headers["x-runner-request-key"];

        public string ServerUrl => $"{request.Scheme}://{request.Host}/";

        public T Read<T>(MessageParser<T> parser)
            where T : class, IMessage<T>, new() =>
                isText ? Reader.Parse<T>(System.Text.Encoding.UTF8.GetString(body)) : parser.ParseFrom(body);
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class ForgeConnectJson : System.Text.Json.Serialization.JsonSerializerContext;
