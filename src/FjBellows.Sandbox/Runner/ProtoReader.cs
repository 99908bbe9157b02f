using System.Buffers.Binary;
using System.Text;

namespace FjBellows.Sandbox.Runner;

/// <summary>Reads protobuf's wire format field by field; unknown fields are passed over by the caller ignoring them.</summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>The number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>Its value, where it is a number.</summary>
    public long Number { get; private set; }

    /// <summary>Its value, where it is a string, bytes or a message.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    public readonly string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>Reads the next field; false at the end.</summary>
    /// <exception cref="FormatException">The bytes are no protobuf message.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = Varint();
        Field = (int)(tag >> 3);
        Number = 0;
        Bytes = default;
        switch (tag & 7)
        {
            case 0:
                Number = (long)Varint();
                return true;
            case 1:
                Number = BinaryPrimitives.ReadInt64LittleEndian(Take(8));
                return true;
            case 2:
                Bytes = Take(Varint());
                return true;
            case 5:
                Number = BinaryPrimitives.ReadInt32LittleEndian(Take(4));
                return true;
            default:
                throw Broken();
        }
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Broken();
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_rest.Length)
        {
            throw Broken();
        }

        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }

    private static FormatException Broken() => new("the answer is no protobuf message");
}
