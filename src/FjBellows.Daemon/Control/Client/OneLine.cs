using Spectre.Console.Rendering;

namespace FjBellows.Daemon.Control.Client;

/// <summary>Text in a cell of a table that is cut where the room ends, and never broken.</summary>
/// <param name="text">The text, without line breaks.</param>
internal sealed class OneLine(string text) : IRenderable
{
    private const int Least = 8;

    /// <inheritdoc />
    public Measurement Measure(RenderOptions options, int maxWidth) =>
        new(Math.Min(Least, Math.Min(text.Length, maxWidth)), Math.Min(text.Length, maxWidth));

    /// <inheritdoc />
    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
        [new Segment(text.Length <= maxWidth ? text : text[..Math.Max(0, maxWidth - 1)] + "…")];
}
