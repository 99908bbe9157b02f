using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FjBellows.Providers.Rest;
using Microsoft.Extensions.Logging;

namespace FjBellows.Providers.Exec;

/// <summary>Calls of the program by the protocol <c>fjb-exec/1</c>: one JSON object in, one out, every failure as a
/// <see cref="CloudException"/>.</summary>
internal sealed class ExecCalls(ExecSettings settings, TimeProvider time, ILogger log)
{
    /// <summary>The versions of the protocol that are spoken.</summary>
    public const int Protocol = 1;

    private readonly ExecProcess _process = new(settings);

    /// <summary>The values of settings that the program calls secret.</summary>
    public IReadOnlyList<string> Secrets { get; set; } = [.. settings.Secrets.Select(s => s.Reveal())];

    /// <summary>Calls a verb.</summary>
    /// <exception cref="CloudException">It failed, or did not answer as the protocol says.</exception>
    public async Task<T> CallAsync<T>(
        string verb, Ownership? ownership, Func<ExecRequest, ExecRequest> fill, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var timeout = settings.Timeouts.GetValueOrDefault(verb, ExecSettings.DefaultTimeouts[verb]);
        var request = fill(new ExecRequest(
            Protocol,
            verb,
            time.GetUtcNow() + timeout,
            ownership is null ? null : new ExecDeployment(ownership.Tag, ownership.Owner),
            settings.Settings));
        var input = JsonSerializer.Serialize(request, ExecJson.Default.ExecRequest);
        IReadOnlyList<string> sent = [.. Secrets, input];
        var run = await _process.RunAsync(
            verb, input, timeout, line => log.LogDebug("{Verb}: {Line}", verb, SentValues.Redact(line, sent)),
            cancellationToken).ConfigureAwait(false);
        var what = $"{settings.Command[0]} {verb}";
        var errorOutput = SentValues.Redact(run.ErrorOutput, sent);
        if (run.End != ExecEnd.Exited)
        {
            throw new CloudException(
                CloudErrorKind.Transient,
                run.End == ExecEnd.TimedOut
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $"{what}: did not end within {timeout.TotalSeconds:0.#} s and was killed; its last output: {errorOutput}")
                    : $"{what}: wrote more than {ExecProcess.LargestAnswer} bytes and was killed");
        }

        if (run.Code != 0)
        {
            throw ExecExit.Failure(what, run.Code, Clean(Read(run.Output, ExecJson.Default.ExecAnswer)?.Error, sent), errorOutput);
        }

        return Read(run.Output, type)
            ?? throw new CloudException(
                CloudErrorKind.Transient,
                $"{what}: ended well without one JSON object on its standard output, but with: " +
                $"{Excerpt(SentValues.Redact(Excerpt(run.Output), sent))}");
    }

    private static T? Read<T>(string text, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(text, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ExecError? Clean(ExecError? error, IReadOnlyList<string> sent) =>
        error?.Message is { } message
            ? error with { Message = SentValues.Redact(message.Length <= 2000 ? message : message[..2000], sent) }
            : error;

    private static string Excerpt(string text) => text.Trim() is { Length: > 0 } some ? some[..Math.Min(some.Length, 200)] : "(nothing)";
}
