using FjBellows.Providers;
using FjBellows.Providers.Linode;
using FjBellows.Sandbox.Clouds;
using Microsoft.Extensions.Logging;

namespace FjBellows.Integration.Tests.Linode;

/// <summary>One test's world: an account of its own on the stand-in, and what the provider logged.</summary>
internal sealed class LinodeScene : IAsyncDisposable
{
    public const string Token = "pat-linode-0123456789abcdef";

    public static readonly Ownership Ours = Ownership.Of(new Uri("https://forge.example"), "orgs/acme", "acme-ci", "default");
    public static readonly Ownership Theirs = Ownership.Of(new Uri("https://other.example"), "orgs/acme", "acme-ci", "default");

    private readonly List<IDisposable> _owned = [];

    private LinodeScene(LinodeFake fake, Func<LinodeFake, HttpMessageHandler?> entrance)
    {
        Fake = fake;
        Entrance = entrance;
    }

    public LinodeFake Fake { get; }

    public ListLog Log { get; } = new();

    private Func<LinodeFake, HttpMessageHandler?> Entrance { get; }

    public static async Task<LinodeScene> StartAsync(
        LinodeFakeOptions? options = null, TimeProvider? time = null, Func<LinodeFake, HttpMessageHandler?>? entrance = null) =>
        new(await LinodeFake.StartAsync((options ?? new LinodeFakeOptions()) with { Token = Token }, time), entrance ?? (_ => null));

    public static InstanceSpec Spec(string name, string userData = "#cloud-config\n", Ownership? ownership = null) =>
        new(name, ownership ?? Ours, new Secret(userData), ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJr0 pool@host\n"]);

    public LinodeSettings Settings { get; } =
        new() { Region = "us-ord", Type = "g6-standard-2", Image = "linode/debian12", Token = new Secret(Token) };

    public LinodeProvider Provider(
        Func<LinodeSettings, LinodeSettings>? change = null, LinodeBudget? budget = null, TimeProvider? time = null)
    {
        var settings = Settings with { ApiUrl = Fake.ApiUrl };
        var provider = new LinodeProvider(change?.Invoke(settings) ?? settings, budget, time, Log, Entrance(Fake));
        _owned.Add(provider);
        return provider;
    }

    /// <summary>The labels of what is billed, in order: the account's last word on what a test did.</summary>
    public string[] Labels => [.. Fake.Account.Instances.Select(i => i.Label).Order(StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        _owned.ForEach(o => o.Dispose());
        await Fake.DisposeAsync();
        Log.Lines.ShouldAllBe(l => !l.Contains(Token, StringComparison.Ordinal));
    }

    /// <summary>The failure of a call, checked for what no failure may hold.</summary>
    public static async Task<CloudException> FailureAsync(CloudErrorKind kind, Func<Task> call)
    {
        var failure = await Should.ThrowAsync<CloudException>(call);
        failure.Kind.ShouldBe(kind, failure.Message);
        failure.ToString().ShouldNotContain(Token);
        return failure;
    }

    /// <summary>A log that keeps its lines.</summary>
    internal sealed class ListLog : ILogger
    {
        private readonly Lock _gate = new();
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_gate)
                {
                    return [.. _lines];
                }
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_gate)
            {
                _lines.Add($"{logLevel}: {formatter(state, exception)}");
            }
        }
    }
}
