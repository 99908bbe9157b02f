namespace FjBellows.Sandbox.Virtual;

/// <summary>What a runner has printed, for whoever follows it.</summary>
internal sealed class VirtualLog
{
    private const int TailLines = 20;
    private readonly List<string> _lines = [];

    /// <summary>Called for each line as it is written.</summary>
    public event Action<string>? Written;

    /// <summary>Everything printed so far.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>The last lines.</summary>
    public string Tail => string.Join('\n', _lines.TakeLast(TailLines));

    /// <summary>Prints a line.</summary>
    /// <param name="line">Without its newline.</param>
    public void Write(string line)
    {
        _lines.Add(line);
        Written?.Invoke(line);
    }
}
