using System.Text;

namespace FjBellows.Sandbox.Runner;

/// <summary>A call the server refused, or that did not reach it.</summary>
internal sealed class RunnerCallException(string message, bool isUnauthenticated = false, Exception? innerException = null)
    : Exception(message, innerException)
{
    public bool IsUnauthenticated { get; } = isUnauthenticated;
}

/// <summary>Forgejo's runner service, spoken as binary ConnectRPC.</summary>
internal sealed class RunnerClient
{
    private const string Binary = "application/proto";
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(60);
    private readonly PlainHttp _http;
    private readonly string _path;
    private readonly string _credentials;

    public RunnerClient(string url, string uuid, string token)
    {
        var address = new Uri(url);
        _http = new PlainHttp(address);
        _path = address.AbsolutePath.TrimEnd('/') + "/api/actions/runner.v1.RunnerService/";
        _credentials = $"x-runner-uuid: {uuid}\r\nx-runner-token: {token}\r\nConnect-Protocol-Version: 1\r\n"
            + $"User-Agent: forgejo-runner/{SandboxRunner.Version}\r\nContent-Type: {Binary}\r\n";
    }

    /// <summary>Calls one method.</summary>
    /// <exception cref="RunnerCallException">The server refused, or was not reached.</exception>
    /// <exception cref="OperationCanceledException">The token ended it.</exception>
    public async Task<byte[]> CallAsync(
        string method, byte[] body, CancellationToken cancellationToken, string? requestKey = null, TimeSpan? timeout = null)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var limit = timeout < CallTimeout ? timeout.Value : CallTimeout;
        deadline.CancelAfter(limit);
        try
        {
            var headers = requestKey is null ? _credentials : $"{_credentials}x-runner-request-key: {requestKey}\r\n";
            var reply = await _http.PostAsync(_path + method, headers, body, deadline.Token).ConfigureAwait(false);
            return reply.Status == 200 && reply.ContentType.StartsWith(Binary, StringComparison.Ordinal)
                ? reply.Body
                : throw new RunnerCallException($"{reply.Status}: {Excerpt(reply.Body)}", reply.Status == 401);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RunnerCallException($"{method}: no answer within {limit.TotalSeconds:0} s");
        }
        catch (IOException failed)
        {
            throw new RunnerCallException($"unavailable: {failed.Message}", innerException: failed);
        }
    }

    private static string Excerpt(byte[] reply) => Encoding.UTF8.GetString(reply.AsSpan(0, Math.Min(reply.Length, 300)));
}
