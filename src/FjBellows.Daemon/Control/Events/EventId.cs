using System.Globalization;

namespace FjBellows.Daemon.Control.Events;

/// <summary>Ids of streamed things: which start of the daemon numbered them, and the number.</summary>
internal static class EventId
{
    /// <summary>The id of a number.</summary>
    /// <param name="feed">What numbered it.</param>
    public static string Of(ControlFeed feed, long number) => string.Create(CultureInfo.InvariantCulture, $"{feed.Epoch}-{number}");

    /// <summary>After which number a reader goes on that has seen an id. Ids of an earlier start say nothing about this one.</summary>
    /// <param name="feed">What numbers now.</param>
    /// <param name="id">The id; null or empty for none.</param>
    public static long After(ControlFeed feed, string? id) =>
        id is not null && id.Split('-') is [var epoch, var number] && epoch == feed.Epoch
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var seen) ? seen : 0;
}
