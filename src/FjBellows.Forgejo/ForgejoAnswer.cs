using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FjBellows.Jobs;

namespace FjBellows.Forgejo;

/// <summary>One complete answer, and the sentences for those that are not what was asked for.</summary>
internal sealed class ForgejoAnswer
{
    private const int ExcerptLength = 200;

    // Enough bytes for the excerpt and for a token in it that is cut out first.
    private const int LongestExcerpt = 4096;
    private readonly string _asked;
    private readonly byte[] _body;
    private readonly HttpResponseHeaders _headers;
    private readonly Secret _token;
    private readonly bool _holdsSecret;

    /// <param name="asked">Method and URL, for sentences.</param>
    /// <param name="body">The whole body.</param>
    /// <param name="token">Our own token, never to be repeated.</param>
    /// <param name="holdsSecret">True when a good body holds a new token: then no excerpt of it is ever shown.</param>
    public ForgejoAnswer(string asked, HttpStatusCode status, HttpResponseHeaders headers, byte[] body, Secret token, bool holdsSecret)
    {
        _asked = asked;
        Status = status;
        _headers = headers;
        _body = body;
        _token = token;
        _holdsSecret = holdsSecret;
        (IsErrorObject, Message, RootUrl) = Succeeded ? (false, "", null) : ReadError(body);
    }

    /// <summary>Method and URL.</summary>
    public string Asked => _asked;

    public HttpStatusCode Status { get; }

    public bool Succeeded => (int)Status is >= 200 and < 300;

    /// <summary>True when the body is a JSON object with a message, which is how Forgejo itself refuses.</summary>
    public bool IsErrorObject { get; }

    /// <summary>Forgejo's own words, empty where it gave none.</summary>
    public string Message { get; }

    public DateTimeOffset? Date => _headers.Date;

    /// <summary>How many rows the whole list has, where Forgejo tells.</summary>
    public int? TotalCount =>
        _headers.TryGetValues("X-Total-Count", out var values)
        && int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var total) ? total : null;

    /// <summary>ROOT_URL, which every error object of Forgejo tells by the address of its API's page.</summary>
    public Uri? RootUrl { get; }

    public T Read<T>(JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(_body, type) ?? throw Malformed("it is null");
        }
        catch (JsonException e)
        {
            throw Malformed(e.Path is { Length: > 1 } path ? $"it cannot be read at {path}" : "it cannot be read");
        }
    }

    /// <summary>Reads a list that may be <c>null</c>, bare, or wrapped in an object under one of the names given (invariant J4).</summary>
    public IReadOnlyList<T> ReadList<T>(JsonTypeInfo<IReadOnlyList<T>> type, params ReadOnlySpan<string> envelopes)
        where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(_body);
            var list = document.RootElement;
            if (list.ValueKind == JsonValueKind.Object)
            {
                list = Unwrap(list, envelopes);
            }

            if (list.ValueKind == JsonValueKind.Null)
            {
                return [];
            }

            if (list.ValueKind != JsonValueKind.Array)
            {
                throw Malformed("it is no list");
            }

            var items = list.Deserialize(type) ?? [];
            return items.Contains(null!) ? throw Malformed("one of its items is null") : items;
        }
        catch (JsonException e)
        {
            throw Malformed(e.Path is { Length: > 1 } path ? $"it cannot be read at {path}" : "it cannot be read");
        }
    }

    public ForgejoException Malformed(string what) => new(
        ForgejoErrorKind.Malformed,
        $"{_asked} answered {(int)Status}, but the body is not what Forgejo's API promises: {what}. " +
        $"Is forgejo.url the address of Forgejo itself, with no sign-in page before it? The body begins: {Excerpt()}");

    /// <summary>The exception for an answer that is no success.</summary>
    public ForgejoException Refusal(ForgejoScope scope, DateTimeOffset now) => Status switch
    {
        HttpStatusCode.Unauthorized => new ForgejoException(
            ForgejoErrorKind.Unauthorized,
            $"{_asked} answered 401: Forgejo does not know the token{Said()}. Make a new one under Settings, Applications, with the " +
            $"permission {scope.WritePermission}, " +
            "and set it as forgejo.token."),
        HttpStatusCode.Forbidden => new ForgejoException(ForgejoErrorKind.Unauthorized, Forbidden(scope)),
        HttpStatusCode.NotFound => new ForgejoException(
            ForgejoErrorKind.NotFound,
            $"{_asked} answered 404{Said()}. Forgejo {ForgejoVersion.RequiredMajor} or newer is needed, or the scope '{scope}' does not " +
            $"exist, " +
            "is hidden from the token's account, or has Actions switched off."),
        HttpStatusCode.TooManyRequests => new ForgejoException(
            ForgejoErrorKind.RateLimited,
            $"{_asked} answered 429: a proxy before Forgejo limits the rate{Said()}{Wait(now)}. Raise its limit for this client, or " +
            $"poll.interval here.",
            RetryAfter(now)),
        _ when (int)Status >= 500 => new ForgejoException(
            ForgejoErrorKind.Unreachable,
            $"{_asked} answered {(int)Status}{Said()}{Wait(now)}; Forgejo or a proxy before it is in trouble, and its log says why.",
            RetryAfter(now)),
        _ when (int)Status is >= 300 and < 400 => new ForgejoException(
            ForgejoErrorKind.Rejected,
            $"{_asked} is redirected to {_headers.Location?.ToString() ?? "an unnamed place"}; the token is not sent after it. Set " +
            $"forgejo.url to the address Forgejo really has."),
        _ => Rejected(),
    };

    public ForgejoException Rejected() =>
        new(ForgejoErrorKind.Rejected,
            $"{_asked} answered {(int)Status}{(Message.Length > 0 ? Said() : $"; the body begins: {Excerpt()}")}.");

    private static (bool IsErrorObject, string Message, Uri? RootUrl) ReadError(byte[] body)
    {
        const string page = "/api/swagger";
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("message", out var message)
                || message.ValueKind != JsonValueKind.String)
            {
                return (false, "", null);
            }

            var url = root.TryGetProperty("url", out var named) && named.ValueKind == JsonValueKind.String ? named.GetString()! : "";
            return (
                true,
                message.GetString()!.Trim(),
                url.EndsWith(page, StringComparison.Ordinal) && Uri.TryCreate(url[..^page.Length] + "/", UriKind.Absolute, out var address)
                    && address.Scheme is "http" or "https" ? address : null);
        }
        catch (JsonException)
        {
            return (false, "", null);
        }
    }

    private JsonElement Unwrap(JsonElement root, ReadOnlySpan<string> envelopes)
    {
        foreach (var name in envelopes)
        {
            if (root.TryGetProperty(name, out var inner))
            {
                return inner;
            }
        }

        throw Malformed("it is an object that holds no list");
    }

    private string Forbidden(ForgejoScope scope)
    {
        var missing = MissingPermission();
        return missing is null
            ? $"{_asked} answered 403{Said()}. For the scope '{scope}' the token's account must be {scope.AccountRole}, and the token " +
                $"needs {scope.WritePermission}."
            : $"{_asked} answered 403: the token lacks the permission {missing}. Make a new one under Settings, Applications, with " +
                $"{scope.WritePermission} " +
              "(it includes reading), and set it as forgejo.token.";
    }

    /// <summary>The permission between the brackets of "token does not have at least one of required scope(s): [write:admin]".</summary>
    private string? MissingPermission()
    {
        var marker = Message.IndexOf("required scope", StringComparison.OrdinalIgnoreCase);
        var open = marker < 0 ? -1 : Message.IndexOf('[', marker);
        var close = open < 0 ? -1 : Message.IndexOf(']', open);
        return close > open + 1 ? Clean(Message[(open + 1)..close]) : null;
    }

    private string Said() => Message.Length == 0 ? "" : $" (\"{Clean(Message)}\")";

    private string Wait(DateTimeOffset now) =>
        RetryAfter(now) is { } wait
            ? string.Create(CultureInfo.InvariantCulture, $"; it asks to wait {Math.Ceiling(wait.TotalSeconds)} s")
            : "";

    /// <summary>A date in Retry-After is read against the sender's own clock where it tells it, so that skew cannot lengthen the
    /// wait.</summary>
    private TimeSpan? RetryAfter(DateTimeOffset now)
    {
        var wait = _headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - (_headers.Date ?? now),
            _ => (TimeSpan?)null,
        };
        return wait is { } w && w < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    /// <summary>The first 200 characters on one line.</summary>
    private string Excerpt() =>
        _body.Length == 0 ? "(it is empty)"
        : Succeeded && _holdsSecret ? $"({_body.Length} bytes, not shown: they may hold a token)"
        : Clean(Encoding.UTF8.GetString(_body, 0, Math.Min(_body.Length, LongestExcerpt)));

    private string Clean(string text)
    {
        var safe = _token.IsEmpty ? text : text.Replace(_token.Reveal(), "***", StringComparison.Ordinal);
        var cut = safe.Length > ExcerptLength ? string.Concat(safe.AsSpan(0, ExcerptLength), "…") : safe;
        return string.Create(cut.Length, cut, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        });
    }
}
