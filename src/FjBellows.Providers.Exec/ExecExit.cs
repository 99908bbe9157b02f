namespace FjBellows.Providers.Exec;

/// <summary>What a program's exit code and error mean: pure. The exit code decides; a kind beside it must agree.</summary>
internal static class ExecExit
{
    private static readonly Dictionary<int, CloudErrorKind> Codes = new()
    {
        [30] = CloudErrorKind.NotFound,
        [31] = CloudErrorKind.Conflict,
        [32] = CloudErrorKind.RateLimited,
        [33] = CloudErrorKind.CapacityOut,
        [34] = CloudErrorKind.QuotaExceeded,
        [35] = CloudErrorKind.InvalidConfig,
        [36] = CloudErrorKind.Auth,
        [75] = CloudErrorKind.Transient,
        // The shell's and setsid's codes for a program that cannot be run: nothing ran.
        [126] = CloudErrorKind.InvalidConfig,
        [127] = CloudErrorKind.InvalidConfig,
    };

    /// <summary>The failure that an exit code other than 0 stands for.</summary>
    /// <param name="what">The call, for messages.</param>
    /// <param name="code">The exit code.</param>
    /// <param name="error">What the program wrote about it; null for nothing.</param>
    /// <param name="errorOutput">The end of its error output.</param>
    public static CloudException Failure(string what, int code, ExecError? error, string errorOutput)
    {
        var kind = Codes.GetValueOrDefault(code, CloudErrorKind.Transient);
        var message = error?.Message is { Length: > 0 } said ? said : errorOutput.Length > 0 ? errorOutput : "it wrote no reason";
        var why = code switch
        {
            126 or 127 => $"the program cannot be run (exit code {code}): {message}; correct provider_config.command",
            _ => $"exit code {code}: {message}",
        };
        if (error?.Kind is { Length: > 0 } claimed && KindOf(claimed) != kind)
        {
            (kind, why) =
                (CloudErrorKind.Transient,
                    $"{why}; the exit code means {Codes.GetValueOrDefault(code, CloudErrorKind.Transient)}, but error.kind is " +
                    $"'{claimed}': correct the program");
        }

        return new CloudException(
            kind, $"{what}: {why}", error?.RetryAfterS is { } seconds and > 0 and < 86400 ? TimeSpan.FromSeconds(seconds) : null);
    }

    private static CloudErrorKind? KindOf(string word) =>
        Enum.TryParse<CloudErrorKind>(word.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var kind) ? kind : null;
}
