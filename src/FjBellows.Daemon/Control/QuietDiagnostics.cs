using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FjBellows.Daemon.Control;

/// <summary>Loggers without the web host's own diagnostics. They are of no use here, and where they are on the host reads the name that was
/// asked for before anything of ours sees the request: a broken international name then throws, and leaves a stack trace in the log for
/// each request.</summary>
/// <param name="inner">Makes the other loggers; it belongs to the caller.</param>
internal sealed class QuietDiagnostics(ILoggerFactory inner) : ILoggerFactory
{
    private const string Diagnostics = "Microsoft.AspNetCore.Hosting.Diagnostics";

    /// <inheritdoc />
    public ILogger CreateLogger(string categoryName) =>
        categoryName == Diagnostics ? NullLogger.Instance : inner.CreateLogger(categoryName);

    /// <inheritdoc />
    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    /// <inheritdoc />
    public void Dispose()
    {
    }
}
