using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using FjBellows.Daemon.Demo;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FjBellows.Integration.Tests.Linode;

/// <summary>Prism between the provider and the stand-in: it holds every request and every answer against the vendor's own OpenAPI document.
/// Prism knows one upstream only, so a relay behind it takes each request on to the account that the test at hand has made.</summary>
[Needs(Part.Prism, Part.LinodeSpec)]
public class VendorSchema : IAsyncLifetime
{
    public const string PortHeader = "X-Fake-Port";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    private readonly string _document = Path.Combine(Path.GetTempPath(), $"fjb-spec-{Guid.NewGuid():N}.json");
    private WebApplication? _relay;
    private Process? _prism;

    /// <summary>The file of the document.</summary>
    protected virtual string Document => PartCatalog.LinodeSpec;

    /// <summary>Where Prism listens.</summary>
    public Uri? Proxy { get; private set; }

    /// <summary>How many requests of all tests so far were held against the document.</summary>
    public int Checked { get; set; }

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(_document, Mended(await File.ReadAllTextAsync(Document)));
        var upstream = await StartRelayAsync();
        var port = QuietPort.Find(IPAddress.Loopback);
        await StartPrismAsync(PartCatalog.Prism, _document, port, upstream);
        Proxy = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
    }

    public async Task DisposeAsync()
    {
        if (_prism is not null)
        {
            _prism.Kill(entireProcessTree: true);
            await _prism.WaitForExitAsync();
            _prism.Dispose();
        }

        if (_relay is not null)
        {
            await _relay.DisposeAsync();
        }

        File.Delete(_document);
    }

    /// <summary>Two places of the document are wrong. The rules of a new firewall must have policies and may not have them, as they are
    /// missing from the list of what is allowed: they are put there with the words that the answer's schema gives them. And a placement
    /// group asked for by its id has no answer but 200, also when it is gone: it gets the errors of every other path.</summary>
    protected virtual string Mended(string document)
    {
        var spec = JsonNode.Parse(document)!;
        var body = spec["paths"]!["/v4/networking/firewalls"]!["post"]!["requestBody"]!["content"]!["application/json"]!;
        var rules = body["schema"]!["properties"]!["rules"]!;
        foreach (var policy in new[] { "inbound_policy", "outbound_policy" })
        {
            rules["properties"]![policy] ??= new JsonObject { ["type"] = "string", ["enum"] = new JsonArray("ACCEPT", "DROP") };
        }

        var group = spec["paths"]!["/v4/placement/groups/{groupId}"]!;
        group["get"]!["responses"]!["default"] ??= group["delete"]!["responses"]!["default"]!.DeepClone();
        return spec.ToJsonString();
    }

    private async Task<string> StartRelayAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _relay = builder.Build();
        var client = new HttpClient();
        _relay.Run(context => RelayAsync(client, context));
        await _relay.StartAsync();
        return _relay.Urls.First();
    }

    private static async Task RelayAsync(HttpClient client, HttpContext context)
    {
        var from = context.Request;
        using var request = new HttpRequestMessage(
            new HttpMethod(from.Method),
            $"http://127.0.0.1:{from.Headers[PortHeader]}{from.Path.ToUriComponent()}{from.QueryString.ToUriComponent()}");
        if (from.ContentLength > 0 || from.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(from.Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", from.ContentType);
        }

        foreach (var name in new[] { "Authorization", "X-Filter" })
        {
            request.Headers.TryAddWithoutValidation(name, from.Headers[name].ToArray());
        }

        using var response = await client.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        foreach (var header in response.Headers.Where(h => h.Key is "Retry-After" or "X-OAuth-Scopes"))
        {
            context.Response.Headers[header.Key] = header.Value.ToArray();
        }

        if (response.StatusCode != HttpStatusCode.NoContent)
        {
            await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
    }

    private async Task StartPrismAsync(string prism, string spec, int port, string upstream)
    {
        var start = new ProcessStartInfo(
            prism, ["proxy", "-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "--errors", spec, upstream])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _prism = Process.Start(start)!;
        var ready = new TaskCompletionSource();
        var said = new List<string>();
        void Hear(object sender, DataReceivedEventArgs line)
        {
            said.Add(line.Data ?? "");
            if (line.Data?.Contains("Prism is listening", StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }
        }

        _prism.OutputDataReceived += Hear;
        _prism.ErrorDataReceived += Hear;
        _prism.BeginOutputReadLine();
        _prism.BeginErrorReadLine();
        if (await Task.WhenAny(ready.Task, Task.Delay(StartTimeout), _prism.WaitForExitAsync()) != ready.Task)
        {
            throw new InvalidOperationException($"Prism did not start: {string.Join('\n', said)}");
        }
    }
}
