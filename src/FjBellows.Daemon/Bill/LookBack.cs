using FjBellows.Daemon.Commands;

namespace FjBellows.Daemon.Bill;

/// <summary>How far a command looks back.</summary>
internal static class LookBack
{
    private const int MostDays = 36_500;

    /// <summary>The moment some days ago.</summary>
    /// <param name="days">The value of <c>--days</c>.</param>
    /// <exception cref="CommandException">It is no number of days that there have been.</exception>
    public static DateTimeOffset Since(TimeProvider time, int days) => days is >= 1 and <= MostDays
        ? time.GetUtcNow() - TimeSpan.FromDays(days)
        : throw new CommandException(ExitCode.Usage, $"--days is {days}, and takes a number from 1 to {MostDays}");
}
