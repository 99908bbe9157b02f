using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace FjBellows.Daemon.Configuration;

/// <summary>Durations as Go's <c>time.ParseDuration</c> reads them: an optional sign, then numbers with a unit each, such as <c>1h30m</c>,
/// <c>1.5h</c> or <c>500ms</c>. The grammar is written in the documentation of Go's package <c>time</c>.</summary>
internal static class GoDuration
{
    private static readonly SearchValues<char> Numerals = SearchValues.Create("0123456789.");

    // The wordings of micro are the two code points that Go accepts: U+00B5 and U+03BC.
    private static readonly (string Unit, long Nanoseconds)[] Units =
    [
        ("ns", 1),
        ("us", 1_000),
        ("\u00b5s", 1_000),
        ("\u03bcs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];

    /// <summary>Reads a duration. Parts below 100 ns, the finest a <see cref="TimeSpan"/> holds, are cut off.</summary>
    /// <param name="value">The duration.</param>
    /// <param name="problem">What is wrong, as the end of a sentence; null on success.</param>
    public static bool TryParse(string text, out TimeSpan value, [NotNullWhen(false)] out string? problem)
    {
        value = default;
        var rest = text.AsSpan();
        var negative = false;
        if (rest.Length > 0 && rest[0] is '-' or '+')
        {
            negative = rest[0] == '-';
            rest = rest[1..];
        }

        if (rest is "0")
        {
            problem = null;
            return true;
        }

        if (rest.IsEmpty)
        {
            problem = "is empty";
            return false;
        }

        decimal total = 0;
        while (!rest.IsEmpty)
        {
            var digits = NumberLength(rest);
            var number = rest[..digits];
            if (!number.ContainsAnyInRange('0', '9') || number.Count('.') > 1)
            {
                problem = "has a unit without a number";
                return false;
            }

            rest = rest[digits..];
            var unit = rest[..UnitLength(rest)];
            if (unit.IsEmpty)
            {
                problem = "has a number without a unit";
                return false;
            }

            if (Scale(unit) is not { } scale)
            {
                problem = $"has the unknown unit '{unit}'";
                return false;
            }

            rest = rest[unit.Length..];
            if (!TryNumber(number, out var amount) || amount > (decimal)long.MaxValue / scale || (total += amount * scale) > long.MaxValue)
            {
                problem = "is longer than 292 years";
                return false;
            }
        }

        var ticks = (long)(total / 100);
        value = TimeSpan.FromTicks(negative ? -ticks : ticks);
        problem = null;
        return true;
    }

    /// <summary>The shortest text that reads back as the same duration: <c>1h30m</c>, <c>1.5s</c>, <c>0s</c>.</summary>
    /// <param name="value">The duration.</param>
    public static string Format(TimeSpan value)
    {
        if (value == TimeSpan.Zero)
        {
            return "0s";
        }

        var text = new StringBuilder(value < TimeSpan.Zero ? "-" : "");
        var ticks = (decimal)Math.Abs((decimal)value.Ticks);
        var hours = decimal.Floor(ticks / TimeSpan.TicksPerHour);
        var minutes = decimal.Floor(ticks % TimeSpan.TicksPerHour / TimeSpan.TicksPerMinute);
        var rest = ticks % TimeSpan.TicksPerMinute;
        Append(hours, "h");
        Append(minutes, "m");
        if (hours == 0 && minutes == 0 && rest < TimeSpan.TicksPerSecond)
        {
            Append(rest / TimeSpan.TicksPerMillisecond, "ms");
        }
        else
        {
            Append(rest / TimeSpan.TicksPerSecond, "s");
        }

        return text.ToString();

        void Append(decimal amount, string unit)
        {
            if (amount > 0)
            {
                text.Append(amount.ToString("0.#######", CultureInfo.InvariantCulture)).Append(unit);
            }
        }
    }

    private static int NumberLength(ReadOnlySpan<char> text)
    {
        var length = text.IndexOfAnyExcept(Numerals);
        return length < 0 ? text.Length : length;
    }

    private static int UnitLength(ReadOnlySpan<char> text)
    {
        var length = text.IndexOfAny(Numerals);
        return length < 0 ? text.Length : length;
    }

    private static long? Scale(ReadOnlySpan<char> unit)
    {
        foreach (var (name, nanoseconds) in Units)
        {
            if (unit.SequenceEqual(name))
            {
                return nanoseconds;
            }
        }

        return null;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out decimal value)
    {
        // 19 digits are more than 292 years in any unit, and as many decimals are finer than a nanosecond: nothing is lost by the cut,
        // and a decimal never overflows.
        var point = text.IndexOf('.');
        var whole = (point < 0 ? text : text[..point]).TrimStart('0');
        var fraction = point < 0 ? [] : text[(point + 1)..];
        value = 0;
        if (whole.Length > 19)
        {
            return false;
        }

        value = whole.IsEmpty ? 0 : decimal.Parse(whole, CultureInfo.InvariantCulture);
        var places = fraction.Length > 15 ? fraction[..15] : fraction;
        if (value < 10_000_000_000 && !places.IsEmpty)
        {
            value += decimal.Parse($"0.{places}", CultureInfo.InvariantCulture);
        }

        return true;
    }
}
