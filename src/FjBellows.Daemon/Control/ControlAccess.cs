using System.Net;
using System.Security.Cryptography;
using System.Text;
using FjBellows.Daemon.Control.Api;
using FjBellows.Daemon.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Control;

/// <summary>Lets through who may pass (invariant S9). A page of another site, opened in a browser on this machine, may not: a loopback
/// listener answers only to loopback names, and a write must look like one that no such page can send.</summary>
/// <param name="options">How the control plane is served.</param>
/// <param name="log">Tells of wrong tokens.</param>
internal sealed class ControlAccess(ControlOptions options, TimeProvider time, ILogger log)
{
    private const string Scheme = "Bearer ";
    private static readonly TimeSpan TellEvery = TimeSpan.FromMinutes(1);

    private readonly byte[]? _token = options.Token is { } token ? Digest(token.Reveal()) : null;
    private long _toldAt = long.MinValue;

    /// <summary>The middleware.</summary>
    /// <param name="context">The request.</param>
    /// <param name="next">What it wants.</param>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var refusal = Refusal(context);
        return refusal is null ? next(context) : RefuseAsync(context, refusal);
    }

    /// <summary>Who asks, for the record.</summary>
    /// <param name="context">A request that was let through.</param>
    public string CallerOf(HttpContext context) =>
        $"{PeerOf(context).Shown}{(_token is not null && ShowsToken(context.Request) ? " (token)" : "")}";

    /// <summary>True for a caller that has proven who it is: by the token, or by the kernel's word on the unix socket.</summary>
    /// <param name="context">The request.</param>
    public bool IsKnown(HttpContext context) => PeerOf(context).IsTrusted || (_token is not null && ShowsToken(context.Request));

    /// <summary>Who is at the other end of a request's connection.</summary>
    /// <param name="context">The request.</param>
    public static ControlPeer PeerOf(HttpContext context) => ControlPeer.Of(context.Features, context.Connection.RemoteIpAddress);

    private Refused? Refusal(HttpContext context)
    {
        var request = context.Request;
        if (HostOf(request) is not { } host)
        {
            return new(
                StatusCodes.Status400BadRequest, "the Host of the request is not a name", "send the name or address of the daemon as Host");
        }

        var peer = PeerOf(context);
        if (options.IsLoopback && !peer.IsSocket && !IsLoopbackName(host))
        {
            return new(
                StatusCodes.Status421MisdirectedRequest,
                $"this listener accepts the hosts localhost, 127.0.0.1 and [::1] only, not " +
                $"'{OutsideText.Clean(host, OutsideText.NameLimit)}'",
                "use one of these names; a proxy must send one of them as Host");
        }

        var rule = context.GetEndpoint()?.Metadata.GetMetadata<EndpointRule>()?.Rule ?? AccessRule.Read;
        if (rule == AccessRule.Open)
        {
            return null;
        }

        if (rule == AccessRule.Write && Foreign(request) is { } foreign)
        {
            return foreign;
        }

        var needsToken = !peer.IsTrusted && (rule == AccessRule.Write || !(options.IsLoopback || peer.IsSocket));
        if (needsToken && _token is not null && !ShowsToken(request))
        {
            TellOfWrongToken(context);
            return new(
                StatusCodes.Status401Unauthorized, "the token is missing or wrong",
                "send the content of -control-token-file as 'Authorization: Bearer …' (fj-bellows: FJB_TOKEN_FILE)");
        }

        if (rule == AccessRule.Write && !options.WritesEnabled)
        {
            return new(
                StatusCodes.Status403Forbidden,
                "this daemon was started without -enable-control-writes, so its control plane is read-only",
                "start it with -enable-control-writes");
        }

        // Everybody on this host reaches a loopback port. Who may steer proves it: by the token, or by being the daemon's user on its
        // socket.
        return needsToken && _token is null
            ? new(StatusCodes.Status403Forbidden,
                "this daemon has no token, so it takes changes from root and its own user on its unix socket only",
                "run the fj-bellows command as one of them on the daemon's host, or start the daemon with -control-token-file")
            : null;
    }

    private static Refused? Foreign(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if ((origin.Length > 0
            && !(Uri.TryCreate(origin, UriKind.Absolute, out var from)
            && string.Equals(from.Authority, WithoutDefaultPort(request.Host), StringComparison.OrdinalIgnoreCase)))
            || site is not ("" or "same-origin" or "none"))
        {
            return new(
                StatusCodes.Status403Forbidden, "a page of another site must not control this daemon",
                "use the daemon's own dashboard, or the fj-bellows command");
        }

        return request.HasJsonContentType()
            ? null
            : new(StatusCodes.Status415UnsupportedMediaType, "a write request must be a JSON document",
                "send 'Content-Type: application/json', with {} if there is nothing to send");
    }

    /// <summary>The host that was asked; null where it is none: reading a broken international name throws.</summary>
    private static string? HostOf(HttpRequest request)
    {
        try
        {
            return request.Host.Host;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static string WithoutDefaultPort(HostString host) => host.Port is 80 or 443 ? host.Host : host.Value ?? "";

    private static bool IsLoopbackName(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    // Digests have one length: comparing them tells nothing of the token's.
    private bool ShowsToken(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var shown
        && shown.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Digest(shown[Scheme.Length..].Trim()), _token);

    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private void TellOfWrongToken(HttpContext context)
    {
        var now = time.GetTimestamp();
        var told = Interlocked.Read(ref _toldAt);
        if (context.Request.Headers.Authorization.Count > 0
            && (told == long.MinValue || time.GetElapsedTime(told, now) >= TellEvery)
            && Interlocked.CompareExchange(ref _toldAt, now, told) == told)
        {
            log.InvalidToken(PeerOf(context).Shown);
        }
    }

    private static Task RefuseAsync(HttpContext context, Refused refusal)
    {
        context.Response.StatusCode = refusal.Status;
        if (refusal.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return context.Response.WriteAsJsonAsync(
            new ErrorInfo(refusal.Error, refusal.Fix), ControlJson.Default.ErrorInfo, cancellationToken: context.RequestAborted);
    }

    private sealed record Refused(int Status, string Error, string Fix);
}

/// <summary>An endpoint's <see cref="AccessRule"/>, as its metadata.</summary>
internal sealed record EndpointRule(AccessRule Rule);
