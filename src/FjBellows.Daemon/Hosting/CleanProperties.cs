using Serilog.Core;
using Serilog.Events;

namespace FjBellows.Daemon.Hosting;

/// <summary>Cleans every text that a log line shows (invariant S10): whatever was not cleaned where it entered can neither forge a line of
/// the log nor drive the terminal that shows it.</summary>
internal sealed class CleanProperties : ILogEventEnricher
{
    /// <inheritdoc />
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        ArgumentNullException.ThrowIfNull(logEvent);
        foreach (var (name, value) in logEvent.Properties.ToArray())
        {
            if (Cleaned(value) is { } clean)
            {
                logEvent.AddOrUpdateProperty(new LogEventProperty(name, clean));
            }
        }
    }

    /// <summary>The cleaned value; null where nothing had to be done.</summary>
    private static LogEventPropertyValue? Cleaned(LogEventPropertyValue value)
    {
        switch (value)
        {
            case ScalarValue { Value: string text }:
                var clean = OutsideText.Clean(text, OutsideText.MessageLimit);
                return ReferenceEquals(clean, text) ? null : new ScalarValue(clean);
            case ScalarValue { Value: not null and not IFormattable and not bool } other:
                return new ScalarValue(OutsideText.Clean(other.Value.ToString() ?? "", OutsideText.MessageLimit));
            case SequenceValue sequence when sequence.Elements.Any(e => Cleaned(e) is not null):
                return new SequenceValue(sequence.Elements.Select(e => Cleaned(e) ?? e));
            default:
                return null;
        }
    }
}
