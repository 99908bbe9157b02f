using System.Buffers;
using System.Text;

namespace FjBellows.Providers.Docker;

/// <summary>Keeps the beginning of an output and drops what is over, so that the far side never waits for a reader.</summary>
internal sealed class CutOutput(int most)
{
    private readonly ArrayBufferWriter<byte> _kept = new();

    /// <summary>Takes the next bytes.</summary>
    /// <param name="bytes">They.</param>
    public void Take(ReadOnlySpan<byte> bytes) => _kept.Write(bytes[..Math.Min(bytes.Length, most - _kept.WrittenCount)]);

    /// <summary>What was kept, as UTF-8; a character that was cut is left out.</summary>
    public override string ToString()
    {
        var bytes = _kept.WrittenSpan;
        if (bytes.Length == most)
        {
            var start = bytes.Length - 1;
            while (start > 0 && bytes.Length - start < 4 && (bytes[start] & 0xC0) == 0x80)
            {
                start--;
            }

            if (Rune.DecodeFromUtf8(bytes[start..], out _, out _) == OperationStatus.NeedMoreData)
            {
                bytes = bytes[..start];
            }
        }

        return Encoding.UTF8.GetString(bytes);
    }
}
