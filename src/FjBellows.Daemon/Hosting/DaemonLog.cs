using System.Globalization;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;
using Serilog.Sinks.SystemConsole.Themes;

namespace FjBellows.Daemon.Hosting;

/// <summary>The daemon's log, on standard error: one line for each event for people, or one JSON object for machines.</summary>
internal static class DaemonLog
{
    private const string Line = "{Timestamp:yyyy-MM-dd HH:mm:ss} {Level:u4} {Message:lj}{NewLine}{Exception}";

    /// <summary>Opens it.</summary>
    /// <param name="format">human or json.</param>
    /// <param name="level">debug, info, warning or error.</param>
    public static Logger Open(string format, string level) => Configure(format, level, null);

    /// <summary>Opens it on another writer than standard error.</summary>
    /// <param name="format">human or json.</param>
    /// <param name="level">debug, info, warning or error.</param>
    /// <param name="writer">The writer; null for standard error.</param>
    internal static Logger Configure(string format, string level, TextWriter? writer)
    {
        var least = level switch
        {
            "debug" => LogEventLevel.Debug,
            "warning" => LogEventLevel.Warning,
            "error" => LogEventLevel.Error,
            _ => LogEventLevel.Information,
        };
        var log = new LoggerConfiguration().MinimumLevel.Is(least).Enrich.FromLogContext().Enrich.With<CleanProperties>();
        if (least > LogEventLevel.Debug)
        {
            // The host's and the actor system's own comings and goings interest no one but their debuggers.
            log = log.MinimumLevel.Override("Microsoft", LogEventLevel.Warning).MinimumLevel.Override("System", LogEventLevel.Warning);

            // It repeats with a stack trace what the program's end says in a sentence.
            log = log.MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal);
        }

        if (writer is not null)
        {
            var formatter = format == "json"
                ? (ITextFormatter)new JsonLine()
                : new MessageTemplateTextFormatter(Line, CultureInfo.InvariantCulture);
            return log.WriteTo.Sink(new WriterSink(writer, formatter)).CreateLogger();
        }

        log = format == "json"
            ? log.WriteTo.Console(new JsonLine(), standardErrorFromLevel: LogEventLevel.Verbose)
            : log.WriteTo.Console(
                outputTemplate: Line,
                formatProvider: CultureInfo.InvariantCulture,
                theme: Console.IsErrorRedirected ? ConsoleTheme.None : AnsiConsoleTheme.Code,
                standardErrorFromLevel: LogEventLevel.Verbose);
        return log.CreateLogger();
    }

    private sealed class WriterSink(TextWriter writer, ITextFormatter formatter) : ILogEventSink
    {
        public void Emit(LogEvent logEvent) => formatter.Format(logEvent, writer);
    }
}
