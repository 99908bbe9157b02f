using System.CommandLine;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Providers;
using FjBellows.Sandbox.Simulation;

namespace FjBellows.Daemon.Bill;

/// <summary>What a pool would have done, and cost, with a history of jobs.</summary>
internal static class SimulateCommand
{
    private const int MostPerCommit = 10_000;
    private const double LongestMinutes = 43_200;
    private const decimal DearestHour = 1_000_000;

    /// <summary>The command.</summary>
    /// <param name="flags">The flags that every command knows.</param>
    /// <param name="modules">The providers that there are.</param>
    /// <param name="output">Takes the table or the JSON.</param>
    public static Command Create(DaemonFlags flags, ProviderModules modules, TextWriter output)
    {
        var commits = new Option<string?>("--commits")
        {
            Description = "A file with one Unix time on each line; each one queues jobs.",
            HelpName = "FILE",
        };
        var perCommit =
            new Option<int>("--jobs-per-commit") { Description = "Jobs queued at each of these times.", DefaultValueFactory = _ => 6 };
        var minutes = new Option<double>("--minutes") { Description = "The median length of these jobs.", DefaultValueFactory = _ => 4 };
        var spread = new Option<double>("--spread")
        {
            Description = "How much their lengths vary: standard deviation of the logarithm.",
            DefaultValueFactory = _ => 0.25,
        };
        var csv = new Option<string?>("--csv")
        {
            Description = "A file with one job a line: queued_at,seconds[,repository[,name[,labels]]].",
            HelpName = "FILE",
        };
        var forgejo = new Option<string[]>("--from-forgejo")
        {
            Description = "A repository, owner/name, whose past jobs are read from the configured Forgejo. May be given again.",
            HelpName = "REPOSITORY",
        };
        var days =
            new Option<int>("--days") { Description = "With --from-forgejo: how many days to look back.", DefaultValueFactory = _ => 30 };
        var sets = new Option<string[]>("--set")
        {
            Description = $"A setting, as key=value. Keys: {string.Join(", ", SimulationSweep.Known)}.",
            HelpName = "KEY=VALUE",
        };
        var sweeps = new Option<string[]>("--sweep")
        {
            Description = "Values to try one after the other, as key=value,value. Given twice: every combination.",
            HelpName = "KEY=VALUES",
        };
        var price = new Option<decimal?>("--price") { Description = "The price of a worker's hour, for money in the table." };
        var bootSpread = new Option<double>("--boot-spread")
        {
            Description = "How much boot times vary around --set boot=45s, as a fraction.",
            DefaultValueFactory = _ => 0.2,
        };
        var seed = new Option<int>("--seed") { Description = "Seed of the random lengths and boot times.", DefaultValueFactory = _ => 1 };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var html = new Option<string?>("--html")
        {
            Description = "Also write an HTML page with the curve of cost by wait and a timeline of the workers.",
            HelpName = "FILE",
        };
        var command = new Command(
            "simulate",
            "Runs the production pool in virtual time on a history of jobs, and prints what it would have cost and how long jobs would " +
            "have waited.")
        {
            commits, perCommit, minutes, spread, csv, forgejo, days, sets, sweeps, price, bootSpread, seed, json, html,
        };
        command.SetAction(async (parsed, token) =>
        {
            var repositories = parsed.GetValue(forgejo) ?? [];
            if (new[] { parsed.GetValue(commits) is not null, parsed.GetValue(csv) is not null, repositories.Length > 0 }
                .Count(given => given) != 1)
            {
                throw new CommandException(
                    ExitCode.Usage, "say where the jobs come from: --commits FILE, --csv FILE or --from-forgejo REPOSITORY");
            }

            var (hourlyPrice, spreadOfBoots) = (parsed.GetValue(price), parsed.GetValue(bootSpread));
            if (hourlyPrice is < 0 or > DearestHour || spreadOfBoots is not (>= 0 and <= 1))
            {
                throw new CommandException(
                    ExitCode.Usage, $"--price takes a number from 0 to {DearestHour}, --boot-spread one from 0 to 1");
            }

            await using var page = OpenPage(parsed.GetValue(html));
            var jobs = repositories.Length > 0
                ? await ForgejoJobs.ReadAsync(
                    flags.Read(parsed), modules, repositories, LookBack.Since(TimeProvider.System, parsed.GetValue(days)),
                    token).ConfigureAwait(false)
                : Jobs(parsed.GetValue(commits), parsed.GetValue(csv), parsed.GetValue(perCommit), parsed.GetValue(minutes),
                    parsed.GetValue(spread), parsed.GetValue(seed));
            var settings = new SimulationSettings { HourlyPrice = hourlyPrice, BootSpread = spreadOfBoots, Seed = parsed.GetValue(seed) };
            foreach (var set in parsed.GetValue(sets) ?? [])
            {
                settings = set.Split('=', 2) is [var key, var value]
                    ? SimulationSweep.With(settings, key, value)
                    : throw new CommandException(ExitCode.Usage, $"--set takes a key and a value, such as max=20, and got '{set}'");
            }

            var points = await SimulationSweep.RunAsync(
                jobs, settings, "--sweep", parsed.GetValue(sweeps) ?? [], token).ConfigureAwait(false);
            if (page is not null)
            {
                page.BaseStream.SetLength(0);
                await page.WriteAsync(SimulationPage.Html(points, jobs)).ConfigureAwait(false);
            }

            await output.WriteAsync(parsed.GetValue(json) ? SweepTable.Json(points) : SweepTable.Text(points)).ConfigureAwait(false);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Opens the page before anything is simulated: that may take minutes. What it held stays until there is something
    /// new.</summary>
    private static StreamWriter? OpenPage(string? file)
    {
        try
        {
            return file is null ? null : new StreamWriter(new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException(ExitCode.Usage, $"--html {file} cannot be written: {e.Message}");
        }
    }

    private static IReadOnlyList<SimulatedJob> Jobs(string? commits, string? csv, int perCommit, double minutes, double spread, int seed)
    {
        // Asked for what fits, not for what does not: NaN is neither.
        if (perCommit is < 1 or > MostPerCommit || minutes is not (> 0 and <= LongestMinutes) || spread is not (>= 0 and <= 3))
        {
            throw new CommandException(
                ExitCode.Usage,
                $"--jobs-per-commit takes a number from 1 to {MostPerCommit}, --minutes one above 0 and up to {LongestMinutes}, " +
                $"--spread one from 0 to 3");
        }

        var file = (commits ?? csv)!;
        try
        {
            var lines = File.ReadLines(file);
            var jobs = commits is null
                ? JobHistories.ReadCsv(lines)
                : JobHistories.OfCommits(JobHistories.ReadTimes(lines), perCommit, TimeSpan.FromMinutes(minutes), spread, seed);
            return jobs.Count > 0 ? jobs : throw new CommandException(ExitCode.Usage, $"{file} holds no jobs");
        }
        catch (FormatException e)
        {
            throw new CommandException(ExitCode.Usage, $"{file}: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"{file} cannot be read: {e.Message}");
        }
    }
}
