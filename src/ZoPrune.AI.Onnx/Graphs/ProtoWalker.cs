namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>
/// Steps through the fields of a protobuf message in place. Google.Protobuf only parses whole messages, which would load every weight.
/// </summary>
internal ref struct ProtoWalker(ReadOnlySpan<byte> message, long origin)
{
    private readonly ReadOnlySpan<byte> _message = message;
    private int _position;
    private int _fieldStart;

    public const int LengthDelimited = 2;

    public int Field { get; private set; }

    public int WireType { get; private set; }

    /// <summary>The content of a length-delimited field.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>Where <see cref="Content"/> starts in the file.</summary>
    public long ContentOrigin { get; private set; }

    /// <summary>The field with its tag, as it stands in the message.</summary>
    public readonly ReadOnlySpan<byte> Raw => _message[_fieldStart.._position];

    public bool Next()
    {
        if (_position == _message.Length)
        {
            return false;
        }

        _fieldStart = _position;
        var tag = ReadVarint();
        Field = (int)(tag >> 3);
        WireType = (int)(tag & 7);
        Content = default;
        if (Field == 0)
        {
            throw Damaged("a field with number 0");
        }

        switch (WireType)
        {
            case 0:
                ReadVarint();
                break;
            case 1:
                Skip(8);
                break;
            case LengthDelimited:
                var length = ReadVarint();
                if (length > (ulong)(_message.Length - _position))
                {
                    throw Damaged($"a field of {length} bytes where {_message.Length - _position} are left; the file is cut off or damaged");
                }

                ContentOrigin = origin + _position;
                Content = _message.Slice(_position, (int)length);
                _position += (int)length;
                break;
            case 5:
                Skip(4);
                break;
            default:
                throw Damaged($"wire type {WireType}");
        }

        return true;
    }

    private void Skip(int bytes)
    {
        if (_message.Length - _position < bytes)
        {
            throw Damaged("the end in the middle of a number");
        }

        _position += bytes;
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_position == _message.Length)
            {
                throw Damaged("the end in the middle of a number");
            }

            var b = _message[_position++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw Damaged("a number of more than ten bytes");
    }

    private readonly InvalidDataException Damaged(string what) => new($"not a valid ONNX file: {what} at byte {origin + _position}.");
}
