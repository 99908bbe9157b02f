namespace FjBellows.Daemon.Configuration;

/// <summary>One thing found in a configuration file.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Mark">Where in it.</param>
/// <param name="Key">The full name of the key concerned, such as <c>poll.interval</c>; empty where none is.</param>
/// <param name="Message">What is the matter. Never holds a secret.</param>
/// <param name="Fix">What to do.</param>
internal sealed record Finding(Severity Severity, string File, Mark Mark, string Key, string Message, string Fix)
{
    /// <summary>The place in the form that editors jump to: <c>file:line:column</c>.</summary>
    public string Place => Mark == Mark.WholeFile ? File : $"{File}:{Mark.Line}:{Mark.Column}";

    /// <inheritdoc />
    public override string ToString()
    {
        var level = Severity switch { Severity.Error => "error", Severity.Warning => "warning", _ => "ok" };
        return Fix.Length == 0 ? $"{Place}: {level}: {Message}" : $"{Place}: {level}: {Message}\n    fix: {Fix}";
    }
}
