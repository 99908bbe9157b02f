namespace FjBellows.Sandbox.Runner;

/// <summary>How a task or a step ended, with the protocol's numbers.</summary>
internal enum TaskResult
{
    Unspecified = 0,
    Success = 1,
    Failure = 2,
    Cancelled = 3,
    Skipped = 4,
}

/// <summary>A task as it was fetched.</summary>
internal sealed class RunnerTask
{
    public long Id { get; set; }

    public string Payload { get; set; } = "";

    /// <summary>The context's texts; its structures are of no use to a shell step.</summary>
    public Dictionary<string, string> Context { get; } = [];

    public Dictionary<string, string> Secrets { get; } = [];

    public Dictionary<string, string> Variables { get; } = [];

    /// <summary><c>KEY.result</c> and <c>KEY.outputs.NAME</c> of the jobs that were needed.</summary>
    public Dictionary<string, string> Needs { get; } = [];
}

/// <summary>Where a step stands.</summary>
internal sealed class StepReport
{
    public TaskResult Result { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? StoppedAt { get; set; }

    public long LogIndex { get; set; }

    public long LogLength { get; set; }
}

internal sealed record RunnerLogRow(DateTimeOffset Time, string Content);

/// <summary>The runner's messages by their field numbers.</summary>
internal static class RunnerMessages
{
    public static byte[] Declare(string version, IEnumerable<string> labels)
    {
        var message = new ProtoWriter().Text(1, version);
        foreach (var label in labels)
        {
            message.Text(2, label, evenIfEmpty: true);
        }

        return message.ToArray();
    }

    public static byte[] FetchSingleTask(string handle) => new ProtoWriter().Text(2, handle, evenIfEmpty: true).ToArray();

    public static byte[] UpdateTask(
        long id, TaskResult result, DateTimeOffset startedAt, DateTimeOffset? stoppedAt, IReadOnlyList<StepReport> steps,
        Dictionary<string, string> outputs)
    {
        var state = new ProtoWriter().Number(1, id).Number(2, (long)result).Time(3, startedAt).Time(4, stoppedAt);
        for (var i = 0; i < steps.Count; i++)
        {
            var step = steps[i];
            state.Message(5, new ProtoWriter().Number(1, i).Number(2, (long)step.Result).Time(3, step.StartedAt).Time(4, step.StoppedAt)
                .Number(5, step.LogIndex).Number(6, step.LogLength));
        }

        var message = new ProtoWriter().Message(1, state);
        foreach (var (name, value) in outputs)
        {
            message.Message(2, new ProtoWriter().Text(1, name).Text(2, value));
        }

        return message.ToArray();
    }

    public static byte[] UpdateLog(long task, long index, IEnumerable<RunnerLogRow> rows, bool noMore)
    {
        var message = new ProtoWriter().Number(1, task).Number(2, index);
        foreach (var row in rows)
        {
            message.Message(3, new ProtoWriter().Time(1, row.Time).Text(2, row.Content));
        }

        return message.Number(4, noMore ? 1 : 0).ToArray();
    }

    public static (string Name, bool Ephemeral) ReadDeclared(ReadOnlySpan<byte> bytes)
    {
        var (name, ephemeral) = ("", false);
        var runner = new ProtoReader(Field(bytes, 1));
        while (runner.Next())
        {
            if (runner.Field == 4)
            {
                name = runner.Text;
            }
            else if (runner.Field == 10)
            {
                ephemeral = runner.Number != 0;
            }
        }

        return (name, ephemeral);
    }

    /// <summary>The task of a fetch; null when there is none. The two fetches number their fields differently.</summary>
    public static RunnerTask? ReadFetched(ReadOnlySpan<byte> bytes, bool single)
    {
        var message = new ProtoReader(bytes);
        while (message.Next())
        {
            if (message.Field == (single ? 2 : 1))
            {
                return ReadTask(message.Bytes);
            }
        }

        return null;
    }

    /// <summary>What the server says became of the task.</summary>
    public static TaskResult ReadUpdated(ReadOnlySpan<byte> bytes)
    {
        var state = new ProtoReader(Field(bytes, 1));
        while (state.Next())
        {
            if (state.Field == 2)
            {
                return (TaskResult)state.Number;
            }
        }

        return TaskResult.Unspecified;
    }

    public static long ReadAck(ReadOnlySpan<byte> bytes)
    {
        var message = new ProtoReader(bytes);
        while (message.Next())
        {
            if (message.Field == 1)
            {
                return message.Number;
            }
        }

        return 0;
    }

    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> bytes, int field)
    {
        var message = new ProtoReader(bytes);
        while (message.Next())
        {
            if (message.Field == field)
            {
                return message.Bytes;
            }
        }

        return default;
    }

    private static RunnerTask ReadTask(ReadOnlySpan<byte> bytes)
    {
        var task = new RunnerTask();
        var message = new ProtoReader(bytes);
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    task.Id = message.Number;
                    break;
                case 2:
                    task.Payload = message.Text;
                    break;
                case 3:
                    ReadContext(message.Bytes, task.Context);
                    break;
                case 4:
                    ReadEntry(message.Bytes, task.Secrets);
                    break;
                case 6:
                    ReadNeed(message.Bytes, task.Needs);
                    break;
                case 7:
                    ReadEntry(message.Bytes, task.Variables);
                    break;
            }
        }

        return task;
    }

    private static void ReadContext(ReadOnlySpan<byte> bytes, Dictionary<string, string> context)
    {
        var fields = new ProtoReader(bytes);
        while (fields.Next())
        {
            var key = "";
            var entry = new ProtoReader(fields.Bytes);
            while (entry.Next())
            {
                if (entry.Field == 1)
                {
                    key = entry.Text;
                    continue;
                }

                var value = new ProtoReader(entry.Bytes);
                while (value.Next())
                {
                    if (value.Field == 3)
                    {
                        context[key] = value.Text;
                    }
                }
            }
        }
    }

    private static void ReadNeed(ReadOnlySpan<byte> bytes, Dictionary<string, string> needs)
    {
        var key = "";
        var entry = new ProtoReader(bytes);
        while (entry.Next())
        {
            if (entry.Field == 1)
            {
                key = entry.Text;
                continue;
            }

            var outputs = new Dictionary<string, string>();
            var need = new ProtoReader(entry.Bytes);
            while (need.Next())
            {
                if (need.Field == 1)
                {
                    ReadEntry(need.Bytes, outputs);
                }
                else if (need.Field == 2)
                {
                    needs[key + ".result"] = Word((TaskResult)need.Number);
                }
            }

            foreach (var (name, value) in outputs)
            {
                needs[$"{key}.outputs.{name}"] = value;
            }
        }
    }

    private static void ReadEntry(ReadOnlySpan<byte> bytes, Dictionary<string, string> map)
    {
        var (key, value) = ("", "");
        var entry = new ProtoReader(bytes);
        while (entry.Next())
        {
            if (entry.Field == 1)
            {
                key = entry.Text;
            }
            else
            {
                value = entry.Text;
            }
        }

        map[key] = value;
    }

    /// <summary>The word that expressions use.</summary>
    internal static string Word(TaskResult result) => result switch
    {
        TaskResult.Success => "success",
        TaskResult.Failure => "failure",
        TaskResult.Cancelled => "cancelled",
        TaskResult.Skipped => "skipped",
        _ => "",
    };
}
