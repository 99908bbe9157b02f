using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Control.Api;

namespace FjBellows.Daemon.Control.Client;

/// <summary>Speaks with a running daemon.</summary>
internal sealed class ControlClient : IDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Timeouts = TimeSpan.FromSeconds(75);

    private const int LargestAnswer = 64 * 1024 * 1024;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly ControlTarget _target;

    /// <summary>A client of one daemon. Nothing is sent yet.</summary>
    /// <param name="target">Where it listens.</param>
    public ControlClient(ControlTarget target)
    {
        _target = target;
        _http = new HttpClient(HandlerOf(target))
        {
            BaseAddress = target.Url,
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = LargestAnswer,
        };
        if (target.Token is { } token)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Reveal());
        }
    }

    /// <summary>Asks.</summary>
    /// <typeparam name="T">The answer.</typeparam>
    /// <param name="path">The path with its query.</param>
    /// <exception cref="CommandException">There was no answer, or another one.</exception>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var answer = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
        return answer.IsSuccessStatusCode
            ? await ReadAsync(answer, json, cancellationToken).ConfigureAwait(false)
            : throw await RefusalAsync(answer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks for a change.</summary>
    /// <typeparam name="TBody">What is sent.</typeparam>
    /// <typeparam name="T">The answer; one that refuses may have the same form.</typeparam>
    /// <param name="body">What is sent.</param>
    /// <param name="bodyJson">Its JSON.</param>
    /// <param name="json">The answer's JSON.</param>
    /// <param name="refusalHasForm">True when a conflict has the answer's form.</param>
    /// <exception cref="CommandException">There was no answer, or another one.</exception>
    public async Task<T> PostAsync<TBody, T>(
        string path, TBody body, JsonTypeInfo<TBody> bodyJson, JsonTypeInfo<T> json, bool refusalHasForm,
        CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, bodyJson) };
        using var answer = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
        return answer.IsSuccessStatusCode || (refusalHasForm && answer.StatusCode == HttpStatusCode.Conflict)
            ? await ReadAsync(answer, json, cancellationToken).ConfigureAwait(false)
            : throw await RefusalAsync(answer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a stream, and goes on where it was when the connection breaks.</summary>
    /// <typeparam name="T">What is streamed.</typeparam>
    /// <param name="path">The path with its query.</param>
    /// <exception cref="CommandException">No one answers at the beginning, or the daemon refuses, then or later: a token may have been
    /// changed.</exception>
    public async IAsyncEnumerable<T> StreamAsync<T>(
        string path, JsonTypeInfo<T> json, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? last = null;
        var (connected, refused) = (false, false);
        while (true)
        {
            await using var items = OnceAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await items.MoveNextAsync().ConfigureAwait(false))
                    {
                        break;
                    }
                }
                catch (Exception e) when (connected && !refused
                    && e is IOException or HttpRequestException or CommandException { Code: ExitCode.Failure })
                {
                    break;
                }

                last = items.Current.EventId ?? last;
                yield return items.Current.Data;
            }

            await Task.Delay(Again, cancellationToken).ConfigureAwait(false);
        }

        async IAsyncEnumerable<SseItem<T>> OnceAsync([EnumeratorCancellation] CancellationToken token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (last is not null)
            {
                request.Headers.Add("Last-Event-ID", last);
            }

            using var answer = await SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
            {
                refused = (int)answer.StatusCode < 500;
                throw await RefusalAsync(answer, token).ConfigureAwait(false);
            }

            connected = true;
            var body = await answer.Content.ReadAsStreamAsync(token).ConfigureAwait(false);
            await foreach (var item in SseParser.Create(body, (_, data) => JsonSerializer.Deserialize(data, json)!)
                .EnumerateAsync(token).ConfigureAwait(false))
            {
                yield return item;
            }
        }
    }

    /// <summary>How a daemon is reached: a token goes to the daemon itself, never to a proxy for an address of this host and never after a
    /// redirect (invariant S12). For other hosts HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY are obeyed.</summary>
    /// <param name="target">The daemon.</param>
    public static SocketsHttpHandler HandlerOf(ControlTarget target)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = target.Socket is null && !target.Url.IsLoopback,
            AllowAutoRedirect = false,
            ConnectTimeout = ConnectTimeout,
        };
        if (target.Socket is { } path)
        {
            handler.ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            };
        }

        return handler;
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeouts);
        try
        {
            return await _http.SendAsync(request, completion, limit.Token).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new CommandException(
                ExitCode.Failure,
                $"no daemon answers at {_target}: {e.Message}. Is it running, with this -control-listen and this state directory? Name " +
                $"another address with -control-listen or FJB_LISTEN, or its socket with --control-socket or FJB_SOCKET");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException(ExitCode.Failure, $"the daemon at {_target} did not answer within {Timeouts.TotalSeconds} s");
        }
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync(json, cancellationToken).ConfigureAwait(false)
                ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new CommandException(ExitCode.Failure, $"the server at {_target} is not a fj-bellows of this version: {e.Message}");
        }
    }

    private async Task<CommandException> RefusalAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            if (await answer.Content.ReadFromJsonAsync(ControlJson.Default.ErrorInfo, cancellationToken).ConfigureAwait(false) is { } error)
            {
                return new CommandException(ExitCode.Failure, error.Fix is null ? error.Error : $"{error.Error}; {error.Fix}");
            }
        }
        catch (JsonException)
        {
            // Whatever it is that answers, it does not speak as a daemon does.
        }

        return new CommandException(
            ExitCode.Failure, $"{_target} answered {(int)answer.StatusCode} {answer.ReasonPhrase}: is this a fj-bellows daemon?");
    }
}
