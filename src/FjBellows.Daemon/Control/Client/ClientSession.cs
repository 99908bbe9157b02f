using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Control.Api;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FjBellows.Daemon.Control.Client;

/// <summary>One command of the operator's: a daemon to speak with, and where to show what it says.</summary>
internal sealed class ClientSession : IDisposable
{
    private const int WideEnough = 400;
    private static readonly ControlJson Indented = new(new JsonSerializerOptions(ControlJson.Default.Options) { WriteIndented = true });

    private readonly TextWriter _output;
    private readonly TextWriter _error;

    private ClientSession(ControlClient client, TextWriter output, TextWriter error, bool json) =>
        (Client, _output, _error, IsJson) = (client, output, error, json);

    /// <summary>The daemon.</summary>
    public ControlClient Client { get; }

    /// <summary>True when JSON is wanted.</summary>
    public bool IsJson { get; }

    /// <summary>True when people look at a terminal that can be drawn over.</summary>
    public bool IsLive => !IsJson && IsTerminal && AnsiConsole.Console.Profile.Capabilities is { Ansi: true };

    /// <summary>How many characters a line has room for.</summary>
    public int Width => IsTerminal ? AnsiConsole.Console.Profile.Width : WideEnough;

    private bool IsTerminal => ReferenceEquals(_output, System.Console.Out) && !System.Console.IsOutputRedirected;

    /// <summary>Opens one for a command line.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="json">The flag that asks for JSON.</param>
    /// <param name="variable">An environment variable's value.</param>
    /// <exception cref="CommandException">The address or the token cannot be used.</exception>
    public static ClientSession Open(ParseResult parsed, DaemonFlags flags, Option<bool> json, Func<string, string?> variable)
    {
        var client = new ControlClient(DaemonAddress.Of(parsed, flags, variable));
        return new ClientSession(
            client, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, parsed.GetValue(json));
    }

    /// <summary>Shows an answer: as JSON, or as people read it.</summary>
    /// <typeparam name="T">The answer.</typeparam>
    /// <param name="picture">How people read it.</param>
    public void Show<T>(T answer, JsonTypeInfo<T> json, Func<T, IRenderable> picture)
    {
        if (IsJson)
        {
            _output.WriteLine(JsonSerializer.Serialize(answer, (JsonTypeInfo<T>)Indented.GetTypeInfo(json.Type)!));
            return;
        }

        Console().Write(picture(answer));
    }

    /// <summary>Shows one thing of many: as a line of JSON, or as a line.</summary>
    /// <typeparam name="T">The thing.</typeparam>
    /// <param name="item">The thing.</param>
    public void Line<T>(T item, JsonTypeInfo<T> json, Func<T, string> line) =>
        _output.WriteLine(IsJson ? JsonSerializer.Serialize(item, json) : line(item));

    /// <summary>Writes as it is; to a terminal only what cannot drive it (invariant S10).</summary>
    /// <param name="toError">True for standard error.</param>
    public void Raw(string text, bool toError = false)
    {
        var isTerminal = toError ? ReferenceEquals(_error, System.Console.Error) && !System.Console.IsErrorRedirected : IsTerminal;
        (toError ? _error : _output).Write(isTerminal ? OutsideText.CleanLines(text, int.MaxValue) : text);
    }

    /// <summary>Draws over and over until asked to end.</summary>
    /// <param name="picture">What to draw now.</param>
    /// <param name="every">The pause between.</param>
    public static async Task DrawAsync(
        Func<CancellationToken, Task<IRenderable>> picture, TimeSpan every, CancellationToken cancellationToken)
    {
        var first = await picture(cancellationToken).ConfigureAwait(false);
        await AnsiConsole.Live(first).StartAsync(async live =>
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(every, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!cancellationToken.IsCancellationRequested)
                {
                    live.UpdateTarget(await picture(CancellationToken.None).ConfigureAwait(false));
                }
            }
        }).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public void Dispose() => Client.Dispose();

    private IAnsiConsole Console()
    {
        if (IsTerminal)
        {
            return AnsiConsole.Console;
        }

        // Not a terminal's width: a line that is broken is lost for grep.
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.No,
                Out = new AnsiConsoleOutput(_output),
            });
        console.Profile.Width = WideEnough;
        return console;
    }
}
