using System.Buffers;
using System.Text;

namespace FjBellows.Sandbox.Runner;

/// <summary>Writes protobuf's wire format. The runner lives for one job, and setting up a protobuf library would take it longer than
/// that.</summary>
internal sealed class ProtoWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ProtoWriter Number(int field, long value)
    {
        if (value != 0)
        {
            Varint((ulong)field << 3);
            Varint((ulong)value);
        }

        return this;
    }

    public ProtoWriter Text(int field, string value, bool evenIfEmpty = false) =>
        value.Length > 0 || evenIfEmpty ? Bytes(field, Encoding.UTF8.GetBytes(value)) : this;

    public ProtoWriter Message(int field, ProtoWriter message) => Bytes(field, message.ToArray());

    /// <summary>A google.protobuf.Timestamp.</summary>
    public ProtoWriter Time(int field, DateTimeOffset? time) => time is not { } at ? this : Message(field, new ProtoWriter()
        .Number(1, at.ToUnixTimeSeconds())
        .Number(2, at.UtcTicks % TimeSpan.TicksPerSecond * 100));

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    private ProtoWriter Bytes(int field, byte[] value)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    private void Varint(ulong value)
    {
        for (; value > 0x7F; value >>= 7)
        {
            Byte((byte)(value | 0x80));
        }

        Byte((byte)value);
    }

    private void Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }
}
