using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using FjBellows.Sandbox.Forge;

namespace FjBellows.Integration.Tests.Sandbox;

/// <summary>The runner's service, asked with byte strings and JSON written by hand from the field numbers.</summary>
public sealed class ForgeConnectTests
{
    [Fact]
    public async Task Binary_calls_work_from_declare_to_the_last_report()
    {
        await using var forge = await Forge.StartAsync();
        var job = forge.Enqueue("x");
        var runner = forge.State.Register(ForgeScope.Admin, "r1");

        // Declare { version "v9", labels ["debian"] } -> { runner { id 1, uuid, name "r1", version "v9", labels, ephemeral } }
        var declared = await Binary(forge, runner, "Declare", "0a 02 7639 12 06 64656269616e");
        declared.ShouldBe(
            Len("0a", "0801" + Len("12", Ascii(runner.Uuid)) + Len("22", "7231") + Len("42", "7639") + Len("4a", "64656269616e") + "5001"));

        // FetchSingleTask { handle } -> { tasks_version 2 = 1, task = 2 { id = 1, workflow_payload = 2, context = 3 } }
        var fetched = await Binary(forge, runner, "FetchSingleTask", Len("12", Ascii(job.Handle)));
        fetched.ShouldStartWith("0802" + "12");
        fetched.ShouldContain("0801" + Len("12", Ascii(Forge.Payload("x"))) + "1a");
        fetched.ShouldContain(Len("0a", Len("0a", Ascii("repository")) + Len("12", Len("1a", Ascii("acme/app")))));

        // UpdateLog { task 1, rows [ { time 5 s, "hi" } ], no_more } -> { ack 1 }
        (await Binary(forge, runner, "UpdateLog", "08 01" + Len("1a", Len("0a", "0805") + Len("12", "6869")) + "20 01")).ShouldBe("0801");

        // UpdateTask { state { id 1 } } -> still unspecified; { state { id 1, SUCCESS }, outputs { k: v } } -> { state { 1, SUCCESS }, sent
        // ["k"] }
        (await Binary(forge, runner, "UpdateTask", Len("0a", "0801"))).ShouldBe(Len("0a", "0801"));
        (await Binary(forge, runner, "UpdateTask", Len("0a", "0801 1001") + Len("12", Len("0a", "6b") + Len("12", "76"))))
            .ShouldBe(Len("0a", "0801 1001").Replace(" ", "", StringComparison.Ordinal) + Len("12", "6b"));

        job = forge.State.Job(job.Id);
        (job.Status, job.Current!.Log.Single()).ShouldBe((ForgeJobStatus.Success, "hi"));
        var (status, body) = await Send(forge, runner, "UpdateTask", "application/proto", []);
        (status, body).ShouldBe((401, """{"code":"unauthenticated","message":"unregistered runner"}"""));
    }

    [Fact]
    public async Task Json_calls_follow_protojson()
    {
        await using var forge = await Forge.StartAsync();
        forge.Enqueue("x");
        var runner = forge.State.Register(ForgeScope.Admin, "r1");

        (await Json(forge, runner, "Declare", """{"version":"v9","labels":["debian"],"unknown":{"a":1}}"""))["runner"]!["version"]!
            .GetValue<string>().ShouldBe("v9");
        var fetched = await Json(forge, runner, "FetchTask", """{"tasksVersion":"0"}""");
        fetched["tasksVersion"]!.GetValue<string>().ShouldBe("2");
        var task = fetched["task"]!;
        task["id"]!.GetValue<string>().ShouldBe("1");
        Encoding.UTF8.GetString(Convert.FromBase64String(task["workflowPayload"]!.GetValue<string>())).ShouldBe(Forge.Payload("x"));
        task["context"]!["server_url"]!.GetValue<string>().ShouldStartWith(forge.Server.Url);
        task["context"]!["event"]!.ToJsonString().ShouldBe("{}");
        (await Json(forge, runner, "UpdateLog", """{"taskId":"1","index":"0","rows":[{"content":"a"},{"content":"b"}]}"""))["ackIndex"]!
            .GetValue<string>().ShouldBe("2");
        (await Json(forge, runner, "UpdateLog", """{"taskId":1,"index":2,"rows":[{"content":"c"}],"noMore":true}"""))["ackIndex"]!
            .GetValue<string>().ShouldBe("3");
        var (status, body) = await Send(
            forge, runner, "UpdateLog", "application/json", """{"taskId":1,"index":3,"rows":[{"content":"d"}]}"""u8.ToArray());
        status.ShouldBe(409);
        body.ShouldContain("\"already_exists\"");
        (await Json(
            forge, runner, "UpdateTask",
            """{"state":{"id":"1","result":"RESULT_FAILURE","startedAt":"2026-01-01T00:00:00Z"}}"""))["state"]!["result"]!
            .GetValue<string>().ShouldBe("RESULT_FAILURE");
    }

    [Fact]
    public async Task The_same_request_key_gets_the_same_task_over_http()
    {
        await using var forge = await Forge.StartAsync();
        forge.Enqueue("x");
        var runner = forge.State.Register(ForgeScope.Admin, "r1");
        await Json(forge, runner, "Declare", """{"labels":["debian"]}""");
        forge.Server.Faults.Add(ForgeRoute.FetchTask, new ForgeFault(ForgeFaultKind.LoseReply));

        await Should.ThrowAsync<HttpRequestException>(() => Json(forge, runner, "FetchTask", "{}", "key"));

        (await Json(forge, runner, "FetchTask", "{}", "key"))["task"]!["id"]!.GetValue<string>().ShouldBe("1");
        (await Json(forge, runner, "FetchTask", "{}", "other"))["task"].ShouldBeNull();
        forge.State.Job(1).Starts.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_no_call_of_the_service_is_refused()
    {
        await using var forge = await Forge.StartAsync();
        var runner = forge.State.Register(ForgeScope.Admin, "r1");
        async Task<int> Status(string method, string type, string body) =>
            (await Send(forge, runner, method, type, Encoding.ASCII.GetBytes(body))).Status;

        (await Status("Register", "application/proto", "")).ShouldBe(404);
        (await Status("UpdateStepSummary", "application/proto", "")).ShouldBe(404);
        (await Status("Declare", "text/plain", "")).ShouldBe(415);
        (await Status("Declare", "application/json", "{")).ShouldBe(400);
        (await Status("Declare", "application/proto", "\x0a")).ShouldBe(400);
        (await Status("UpdateTask", "application/json", """{"state":{"id":"77"}}""")).ShouldBe(500);
        (await forge.SendAsync(HttpMethod.Get, "/api/actions/runner.v1.RunnerService/Declare")).StatusCode
            .ShouldBe(System.Net.HttpStatusCode.MethodNotAllowed);
        var ping = await forge.Http.PostAsync(
            forge.Server.Url + "/api/actions/ping.v1.PingService/Ping",
            new StringContent("""{"data":"x"}""", Encoding.UTF8, "application/json"));
        (await ping.Content.ReadAsStringAsync()).ShouldBe("""{ "data": "Hello, x!" }""");
    }

    private static async Task<string> Binary(Forge forge, ForgeCredentials runner, string method, string hex)
    {
        using var response = await Post(
            forge, runner, method, "application/proto", Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/proto");
        return Convert.ToHexStringLower(await response.Content.ReadAsByteArrayAsync());
    }

    private static async Task<JsonNode> Json(Forge forge, ForgeCredentials runner, string method, string body, string? key = null)
    {
        using var response = await Post(forge, runner, method, "application/json", Encoding.UTF8.GetBytes(body), key);
        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(200, text);
        return JsonNode.Parse(text)!;
    }

    private static async Task<(int Status, string Body)> Send(Forge forge, ForgeCredentials runner, string method, string type, byte[] body)
    {
        using var response = await Post(forge, runner, method, type, body);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task<HttpResponseMessage> Post(
        Forge forge, ForgeCredentials runner, string method, string type, byte[] body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{forge.Server.Url}/api/actions/runner.v1.RunnerService/{method}");
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        request.Headers.Add("x-runner-uuid", runner.Uuid);
        request.Headers.Add("x-runner-token", runner.Token.Reveal());
        if (key is not null)
        {
            request.Headers.Add("x-runner-request-key", key);
        }

        return await forge.Http.SendAsync(request);
    }

    private static string Ascii(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));

    /// <summary>A field that has a length: its tag, the length, the content.</summary>
    private static string Len(string tag, string content)
    {
        content = content.Replace(" ", "", StringComparison.Ordinal);
        var length = content.Length / 2;
        return tag + (length < 128 ? $"{length:x2}" : $"{(length & 0x7f) | 0x80:x2}{length >> 7:x2}") + content;
    }
}
