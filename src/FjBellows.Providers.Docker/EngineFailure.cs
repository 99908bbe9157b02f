using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Docker.DotNet;

namespace FjBellows.Providers.Docker;

/// <summary>Turns what a call to the engine throws into the library's taxonomy.</summary>
internal static class EngineFailure
{
    private const int LongestAnswer = 500;

    /// <summary>The failure of a call.</summary>
    /// <param name="what">What was asked, as "cannot …" goes on.</param>
    /// <param name="host">The engine's address.</param>
    /// <param name="error">What was thrown.</param>
    public static CloudException Of(string what, Uri host, Exception error)
    {
        if (error is CloudException known)
        {
            return known;
        }

        if (error is DockerApiException refused)
        {
            var said = Said(refused);
            return new CloudException(
                KindOf(refused.StatusCode, said), $"cannot {what}: the engine at {host} answered {(int)refused.StatusCode}: {said}",
                innerException: error);
        }

        var socket = Find<SocketException>(error);
        return socket?.SocketErrorCode switch
        {
            SocketError.AccessDenied => new CloudException(
                CloudErrorKind.Auth,
                $"cannot {what}: this user may not open the engine's socket {host}; add it to the group 'docker' (it then owns the " +
                $"host), or give it a socket of its own (rootless)",
                innerException: error),
            SocketError.ConnectionRefused or SocketError.AddressNotAvailable or SocketError.InvalidArgument or SocketError.HostNotFound =>
                new CloudException(
                CloudErrorKind.Transient,
                $"cannot {what}: no engine answers at {host} ({socket.Message}); start it, or correct provider_config.host",
                innerException: error),
            _ => new CloudException(
                CloudErrorKind.Transient, $"cannot {what}: the call to the engine at {host} broke: {Innermost(error).Message}",
                innerException: error),
        };
    }

    /// <summary>True when the engine says that the container does not exist.</summary>
    /// <param name="error">What was thrown.</param>
    public static bool IsNotFound(Exception error) => error is DockerApiException { StatusCode: HttpStatusCode.NotFound };

    /// <summary>The engine's own words, cut.</summary>
    /// <param name="refused">Its refusal.</param>
    public static string Said(DockerApiException refused)
    {
        var body = refused.ResponseBody ?? "";
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("message", out var message))
            {
                body = message.ToString();
            }
        }
        catch (JsonException)
        {
            // Not JSON: something between us and the engine has answered, and its words are all there is.
        }

        body = body.Trim();
        return body.Length <= LongestAnswer ? body : body[..LongestAnswer] + "…";
    }

    private static CloudErrorKind KindOf(HttpStatusCode status, string said) => (int)status switch
    {
        401 or 403 => CloudErrorKind.Auth,
        404 => CloudErrorKind.NotFound,
        409 => CloudErrorKind.Conflict,
        429 => CloudErrorKind.RateLimited,
        _ when said.Contains("name is already in use", StringComparison.OrdinalIgnoreCase) => CloudErrorKind.Conflict, // Podman's is a 500.
        _ when said.Contains("no space left", StringComparison.OrdinalIgnoreCase) => CloudErrorKind.CapacityOut,
        >= 400 and < 500 => CloudErrorKind.InvalidConfig,
        _ when said.Contains("unable to find user", StringComparison.OrdinalIgnoreCase) =>
            CloudErrorKind.InvalidConfig, // Docker's is a 500.
        _ => CloudErrorKind.Transient,
    };

    private static T? Find<T>(Exception error)
        where T : Exception
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            if (e is T found)
            {
                return found;
            }
        }

        return null;
    }

    private static Exception Innermost(Exception error) => error.InnerException is { } inner ? Innermost(inner) : error;
}
