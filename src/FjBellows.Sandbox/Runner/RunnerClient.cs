using System.Net;
using System.Net.Http.Headers;

namespace FjBellows.Sandbox.Runner;

/// <summary>A call the server refused, or that did not reach it.</summary>
internal sealed class RunnerCallException(string message, bool isUnauthenticated = false, Exception? innerException = null)
    : Exception(message, innerException)
{
    public bool IsUnauthenticated { get; } = isUnauthenticated;
}

/// <summary>Forgejo's runner service, spoken as binary ConnectRPC over HTTP/1.1.</summary>
internal sealed class RunnerClient : IDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);
    private readonly HttpMessageInvoker _http;
    private readonly string _url;
    private readonly string _uuid;
    private readonly string _token;

    public RunnerClient(string url, string uuid, string token)
    {
        (_url, _uuid, _token) = (url, uuid, token);
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(10),
        });
    }

    /// <summary>Calls one method.</summary>
    /// <exception cref="RunnerCallException">The server refused, or was not reached.</exception>
    /// <exception cref="OperationCanceledException">The token ended it.</exception>
    public async Task<byte[]> CallAsync(string method, byte[] body, CancellationToken cancellationToken, string? requestKey = null)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(CallTimeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{_url}/api/actions/runner.v1.RunnerService/{method}");
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/proto");
            request.Headers.TryAddWithoutValidation("x-runner-uuid", _uuid);
            request.Headers.Add("x-runner-token", _token);
            request.Headers.TryAddWithoutValidation("Connect-Protocol-Version", "1");
            request.Headers.TryAddWithoutValidation("User-Agent", "forgejo-runner/" + SandboxRunner.Version);
            if (requestKey is not null)
            {
                request.Headers.TryAddWithoutValidation("x-runner-request-key", requestKey);
            }

            using var response = await _http.SendAsync(request, deadline.Token).ConfigureAwait(false);
            var reply = await response.Content.ReadAsByteArrayAsync(deadline.Token).ConfigureAwait(false);
            return response.StatusCode == HttpStatusCode.OK && response.Content.Headers.ContentType?.MediaType == "application/proto"
                ? reply
                : throw Refused(response, reply);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RunnerCallException($"{method}: no answer within {CallTimeout.TotalSeconds:0} s");
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or FormatException)
        {
            throw new RunnerCallException($"unavailable: {failed.Message}", innerException: failed);
        }
    }

    public void Dispose() => _http.Dispose();

    private static RunnerCallException Refused(HttpResponseMessage response, byte[] reply)
    {
        var text = System.Text.Encoding.UTF8.GetString(reply.AsSpan(0, Math.Min(reply.Length, 300)));
        return new RunnerCallException($"{(int)response.StatusCode}: {text}", response.StatusCode == HttpStatusCode.Unauthorized);
    }
}
