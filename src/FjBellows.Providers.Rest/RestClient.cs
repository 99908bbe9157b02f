using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FjBellows.Providers.Rest;

/// <summary>A cloud's API as requests and answers: the token, the budget, the time-out, the size limit, and every failure as a
/// <see cref="CloudException"/> that says whether the request may have taken effect. It knows no workers and decides nothing.</summary>
public sealed class RestClient : IDisposable
{
    private const int LongestMessage = 2000;

    private readonly RestSettings _settings;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    /// <summary>A client of one account.</summary>
    /// <param name="settings">The account.</param>
    /// <param name="time">The clock, for dates in <c>Retry-After</c>.</param>
    /// <param name="handler">Another way to the cloud, in tests; it is not disposed of.</param>
    public RestClient(RestSettings settings, TimeProvider time, HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _time = time;
        // Each request has its own deadline; HttpClient's would cut a longer one short. Connections are renewed, so that a name that moves
        // is followed. A token follows no redirect, and reaches no proxy for an address of this machine (invariant S12).
        _http = new HttpClient(
            handler ?? new SocketsHttpHandler
            {
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                AllowAutoRedirect = false,
                UseProxy = !settings.Url.IsLoopback,
            },
            disposeHandler: handler is null)
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    /// <summary>Sends a request and reads its answer.</summary>
    /// <typeparam name="T">What is answered.</typeparam>
    /// <param name="call">The request.</param>
    /// <param name="type">How the answer is read.</param>
    /// <exception cref="CloudException">The request was refused, or no usable answer came.</exception>
    public async Task<T> SendAsync<T>(RestCall call, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var answer = await SendAsync(call, cancellationToken).ConfigureAwait(false);
        string why;
        try
        {
            if (JsonSerializer.Deserialize(answer.Body.Span, type) is { } read)
            {
                return read;
            }

            why = "null";
        }
        catch (JsonException e)
        {
            why = e.Message;
        }

        throw new CloudException(
            CloudErrorKind.Transient,
            Clean(call, $"{Name(call)}: the answer is not what {_settings.Vendor} documents ({why}): {answer.Excerpt()}"));
    }

    /// <summary>What a path names; null when the cloud itself says that it does not exist.</summary>
    /// <typeparam name="T">What is answered.</typeparam>
    /// <param name="call">The request.</param>
    /// <param name="type">How the answer is read.</param>
    public async Task<T?> FindAsync<T>(RestCall call, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await SendAsync(call, type, cancellationToken).ConfigureAwait(false);
        }
        catch (CloudException e) when (e.Kind == CloudErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <summary>Deletes what a path names; what is gone already is a success.</summary>
    /// <param name="call">The request.</param>
    public async Task DeleteAsync(RestCall call, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (CloudException e) when (e.Kind == CloudErrorKind.NotFound)
        {
            // Absent is what was asked for (invariant W7).
        }
    }

    /// <summary>Sends a request; the answer is one of success.</summary>
    /// <param name="call">The request.</param>
    /// <exception cref="CloudException">The request was refused, or no usable answer came.</exception>
    public async Task<RestAnswer> SendAsync(RestCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        using var pass = await call.Budget.EnterAsync(cancellationToken).ConfigureAwait(false);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_settings.RequestTimeout);
        using var request = call.Message(_settings);
        RestAnswer answer;
        try
        {
            using var response = await _http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, deadline.Token).ConfigureAwait(false);
            answer = new RestAnswer(
                (int)response.StatusCode, await ReadAsync(call, response, deadline.Token).ConfigureAwait(false), response.Headers);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unanswered(
                call, string.Create(CultureInfo.InvariantCulture, $"no answer within {_settings.RequestTimeout.TotalSeconds:0.#} s"),
                sent: true);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Unanswered(call, (e.InnerException ?? e).Message, sent: !NeverLeft(e));
        }

        _settings.OnAnswer(answer.Headers);
        return answer.Status is >= 200 and < 300 ? answer : throw Refused(call, answer);
    }

    private static bool NeverLeft(Exception e) => e is HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
    };

    private async Task<byte[]> ReadAsync(RestCall call, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var from = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (from.ConfigureAwait(false))
        {
            using var body = new MemoryStream();
            var part = new byte[16 * 1024];
            for (int length; (length = await from.ReadAsync(part, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                if (body.Length + length > _settings.LargestAnswer)
                {
                    throw new CloudException(
                        CloudErrorKind.Transient,
                        $"{Name(call)}: the answer has more than {_settings.LargestAnswer} bytes and was not read to its end");
                }

                await body.WriteAsync(part.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
            }

            return body.ToArray();
        }
    }

    private CloudException Unanswered(RestCall call, string why, bool sent) => new(
        CloudErrorKind.Transient,
        // The cause is kept as text only: the exceptions of HTTP hold the request, and with it the token.
        Clean(call, $"{Name(call)}: {why}; {(sent ? $"whether {_settings.Vendor} acted on it is not known" : "it was not sent")}"),
        mayHaveTakenEffect: sent);

    private CloudException Refused(RestCall call, RestAnswer answer)
    {
        var refusal = _settings.Refusal(answer);
        var retryAfter = RetryAfter.Of(answer.Headers, _time);
        if (refusal.Kind == CloudErrorKind.RateLimited)
        {
            retryAfter ??= RetryAfter.Default;
            call.Budget.CloseFor(retryAfter.Value);
        }

        return new CloudException(
            refusal.Kind, Clean(call, $"{Name(call)}: {refusal.Message}") + _settings.Advice(refusal.Kind), retryAfter,
            Cleaned(call, refusal), refusal.MayHaveTakenEffect);
    }

    /// <summary>A refusal is kept as the cause only where its own text holds nothing that was sent: causes are logged too.</summary>
    private RestRefusal? Cleaned(RestCall call, RestRefusal refusal) =>
        string.Equals(Clean(call, refusal.Message), refusal.Message, StringComparison.Ordinal) ? refusal : null;

    private string Clean(RestCall call, string text) =>
        SentValues.Redact(text.Length <= LongestMessage ? text : text[..LongestMessage] + "…", [_settings.Token.Reveal(), call.Body]);

    private string Name(RestCall call) => $"{call.Method} {_settings.Url.AbsoluteUri.TrimEnd('/')}/{call.Path.Split('?')[0]}";
}
