using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FjBellows.Integration.Tests.Journal;

/// <summary>A PostgreSQL server of the tests' own, on a free loopback port, with its data in a temporary directory.</summary>
[Needs(Part.PostgreSql)]
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fjb-postgres-").FullName;
    private int _databases;

    public int Port { get; private set; }

    public async Task InitializeAsync()
    {
        if (Environment.UserName == "root")
        {
            await RunAsync("chown", ["postgres", _directory], asServer: false);
        }

        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        await RunAsync(
            Path.Combine(PartCatalog.PostgreSqlBinaries!, "initdb"),
            ["-D", Data, "-A", "trust", "-U", "bellows", "-E", "UTF8", "--no-sync"]);
        var options = string.Create(
            CultureInfo.InvariantCulture, $"-p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off");
        await RunAsync(
            Path.Combine(PartCatalog.PostgreSqlBinaries!, "pg_ctl"),
            ["-D", Data, "-w", "-l", Path.Combine(_directory, "log"), "-o", options, "start"]);
    }

    /// <summary>The connection string of a new, empty database.</summary>
    public async Task<string> DatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"journal{Interlocked.Increment(ref _databases)}");
        await using var connection = new Npgsql.NpgsqlConnection(Connection("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE {name}";
        await command.ExecuteNonQueryAsync();
        return Connection(name);
    }

    public string Connection(string database) => string.Create(
        CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Database={database};Username=bellows;Password=not-for-logs");

    public async Task DisposeAsync()
    {
        if (Port != 0)
        {
            Npgsql.NpgsqlConnection.ClearAllPools();
            await RunAsync(Path.Combine(PartCatalog.PostgreSqlBinaries!, "pg_ctl"), ["-D", Data, "-m", "immediate", "stop"]);
        }

        Directory.Delete(_directory, recursive: true);
    }

    private string Data => Path.Combine(_directory, "data");

    /// <summary>PostgreSQL refuses to run as root: there it runs as the user that Debian's package makes.</summary>
    private async Task RunAsync(string program, string[] arguments, bool asServer = true)
    {
        var root = asServer && Environment.UserName == "root";
        var start = root
            ? new ProcessStartInfo("runuser", ["-u", "postgres", "--", program, .. arguments])
            : new ProcessStartInfo(program, arguments);
        start.WorkingDirectory = _directory;

        // The server inherits what is open here; reading a pipe to its end would wait for the server's.
        start.RedirectStandardOutput = false;
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
        }
    }
}
