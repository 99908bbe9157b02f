using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;
using Serilog.Formatting.Json;

namespace FjBellows.Daemon.Hosting;

/// <summary>One event of the log as one line of JSON in Serilog's compact form: <c>@t</c> time, <c>@l</c> level where it is not
/// Information, <c>@m</c> the message, <c>@i</c> the id of its template, <c>@x</c> exception, and the properties. The library's own
/// formatter puts texts in the message between quotes; here the message reads as it does for people.</summary>
internal sealed class JsonLine : ITextFormatter
{
    private static readonly JsonValueFormatter Values = new(typeTagName: null);
    private static readonly MessageTemplateTextFormatter Message = new("{Message:lj}", CultureInfo.InvariantCulture);

    /// <inheritdoc />
    public void Format(LogEvent logEvent, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(logEvent);
        ArgumentNullException.ThrowIfNull(output);
        using var message = new StringWriter(CultureInfo.InvariantCulture);
        Message.Format(logEvent, message);
        output.Write("{\"@t\":\"");
        output.Write(logEvent.Timestamp.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        output.Write("\",\"@m\":");
        Text(message.ToString(), output);
        output.Write(",\"@i\":\"");
        output.Write(IdOf(logEvent.MessageTemplate).ToString("x8", CultureInfo.InvariantCulture));
        output.Write('"');
        if (logEvent.Level != LogEventLevel.Information)
        {
            output.Write(",\"@l\":");
            Text(logEvent.Level.ToString(), output);
        }

        if (logEvent.Exception is { } exception)
        {
            output.Write(",\"@x\":");
            Text(exception.ToString(), output);
        }

        foreach (var (name, value) in logEvent.Properties)
        {
            output.Write(',');
            Text(name.StartsWith('@') ? "@" + name : name, output);
            output.Write(':');
            Values.Format(value, output);
        }

        output.Write("}\n");
    }

    /// <summary>The same for all events of one template, in every version that words it in the same way (FNV-1a).</summary>
    private static uint IdOf(MessageTemplate template)
    {
        var hash = 2166136261u;
        foreach (var c in template.Text)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return hash;
    }

    private static void Text(string text, TextWriter output) => JsonValueFormatter.WriteQuotedJsonString(text, output);
}
