using System.Text;

namespace FjBellows.Sandbox.Forge;

/// <content>Registrations and who may see them: what the REST API decides.</content>
public sealed partial class ForgeState
{
    private static readonly byte[] Ellipsis = "…"u8.ToArray();
    private static readonly TimeSpan OnlineFor = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ActiveFor = TimeSpan.FromSeconds(10);

    /// <summary>Resolves a scope for a token, in Forgejo's order: the token, its scopes, the thing itself, the account's role.</summary>
    /// <param name="token">The access token, null when none was sent.</param>
    /// <param name="kind">Which prefix.</param>
    /// <param name="owner">The organisation, or the repository's owner.</param>
    /// <param name="repository">The repository's name.</param>
    /// <param name="write">False to read, true to change.</param>
    /// <exception cref="ForgeRefusedException">The call is refused.</exception>
    public ForgeScope Authorize(string? token, ForgeScopeKind kind, string? owner, string? repository, bool write) => Read(() =>
    {
        var category = kind switch
        {
            ForgeScopeKind.Admin => "admin",
            ForgeScopeKind.User => "user",
            ForgeScopeKind.Organization => "organization",
            _ => "repository",
        };
        var account = Granted(token, write, category);
        if (kind == ForgeScopeKind.Admin)
        {
            return account.SiteAdmin
                ? ForgeScope.Admin
                : throw new ForgeRefusedException(ForgeRefusal.Forbidden, "user should be the site admin");
        }

        if (kind == ForgeScopeKind.User)
        {
            return new ForgeScope(kind, _data.Owners.First(o => o.Name == account.User).Id, 0);
        }

        var row = _data.Owners.Find(o => o.Name == owner && (kind == ForgeScopeKind.Repository || o.IsOrganization));
        var repo = kind == ForgeScopeKind.Repository ? _data.Repositories.Find(r => r.OwnerId == row?.Id && r.Name == repository) : null;
        if (row is null || (kind == ForgeScopeKind.Repository && repo is null))
        {
            throw new ForgeRefusedException(
                ForgeRefusal.NotFound, kind == ForgeScopeKind.Organization ? ForgeRest.NoOrganization : ForgeRest.NoTarget);
        }

        if (repo?.ActionsOff == true)
        {
            throw new ForgeRefusedException(ForgeRefusal.NotFound, ForgeRest.NoTarget);
        }

        var isOwner = account.SiteAdmin || row.Owners.Contains(account.User) || (!row.IsOrganization && row.Name == account.User);
        if (!isOwner)
        {
            throw new ForgeRefusedException(
                ForgeRefusal.Forbidden,
                kind == ForgeScopeKind.Organization ? "Must be an organization owner" : "user should be the owner of the repo");
        }

        return new ForgeScope(kind, row.Id, repo?.Id ?? 0);
    });

    /// <summary>Looks whether a token may read or change a repository's runs. Repositories are public: reading needs no token, but one that
    /// is sent must do.</summary>
    /// <param name="token">The access token, null when none was sent.</param>
    /// <param name="owner">The repository's owner.</param>
    /// <param name="repository">The repository's name.</param>
    /// <param name="write">False to read, true to change.</param>
    /// <param name="ofActions">True where the Actions unit must be on.</param>
    /// <exception cref="ForgeRefusedException">The call is refused.</exception>
    internal void AuthorizeRuns(string? token, string owner, string repository, bool write, bool ofActions)
    {
        if (write)
        {
            Authorize(token, ForgeScopeKind.Repository, owner, repository, write: true);
            return;
        }

        if (token is not null)
        {
            Granted(token, write: false, "repository");
        }

        var row = Read(() => _data.Repositories.Find(r => r.Name == repository && _repositoryNames[r.Id] == $"{owner}/{repository}"));
        if (row is null || (ofActions && row.ActionsOff))
        {
            throw new ForgeRefusedException(ForgeRefusal.NotFound, ForgeRest.NoTarget);
        }
    }

    /// <summary>Registers a runner. The name need not be unique; it is cut at 255 bytes.</summary>
    /// <param name="scope">Whose runner it is.</param>
    /// <param name="description">A sentence about it.</param>
    /// <param name="ephemeral">True for one task only.</param>
    /// <exception cref="ForgeRefusedException">The name is missing.</exception>
    public ForgeCredentials Register(ForgeScope scope, string? name, string? description = null, bool ephemeral = true) => Change(() =>
    {
        ArgumentNullException.ThrowIfNull(scope);
        if (string.IsNullOrEmpty(name))
        {
            throw new ForgeRefusedException(ForgeRefusal.Invalid, "[Name]: Required");
        }

        var token = NewToken();
        var row = new RunnerRow
        {
            Id = _data.NextRunnerId++,
            Uuid = NewUuid(),
            TokenHash = Hash(token),
            OwnerId = scope.Kind == ForgeScopeKind.Repository ? 0 : scope.OwnerId,
            RepositoryId = scope.RepositoryId,
            Name = Cut(name, 255),
            Description = description ?? "",
            Ephemeral = ephemeral,
        };
        _data.Runners.Add(row);
        _runners.Add(row.Uuid, row);
        Tell(ForgeEventKind.RunnerRegistered, null, row.Name);
        return new ForgeCredentials(row.Id, row.Uuid, new Secret(token));
    });

    /// <summary>The scope's runners, the one last heard of first.</summary>
    /// <param name="scope">Whose runners.</param>
    /// <param name="visible">False for those the scope owns, true to add those of wider scopes.</param>
    public IReadOnlyList<ForgeRunner> Runners(ForgeScope scope, bool visible = false) => Read(() => _data.Runners
        .Where(r => visible ? scope.Sees(r.OwnerId, r.RepositoryId) : scope.Owns(r.OwnerId, r.RepositoryId))
        .OrderByDescending(r => r.LastOnline ?? DateTimeOffset.MinValue)

        // Forgejo names no second key; with equal times the instance's list was seen in falling order of the id, an organisation's in
        // rising order.
        .ThenBy(r => scope.Kind == ForgeScopeKind.Admin ? -r.Id : r.Id)
        .Select(View).ToArray());

    /// <summary>One runner.</summary>
    /// <param name="scope">Who asks.</param>
    /// <param name="id">The runner's id.</param>
    /// <exception cref="ForgeRefusedException">It does not exist, or the scope does not see it.</exception>
    public ForgeRunner Runner(ForgeScope scope, long id) => Read(() => View(Visible(scope, id)));

    /// <summary>Deletes a runner row. Its process is not told; its next call is refused.</summary>
    /// <param name="scope">Who asks.</param>
    /// <param name="id">The runner's id.</param>
    /// <exception cref="ForgeRefusedException">It does not exist, or belongs to a wider scope.</exception>
    public void Delete(ForgeScope scope, long id) => Change(() =>
    {
        var row = Visible(scope, id);
        if (scope.Kind != ForgeScopeKind.Admin && !scope.Owns(row.OwnerId, row.RepositoryId))
        {
            throw new ForgeRefusedException(ForgeRefusal.NotFound, "No permission to delete this runner");
        }

        Remove(row);
        return true;
    });

    private RunnerRow Visible(ForgeScope scope, long id) =>
        _data.Runners.Find(r => r.Id == id && scope.Sees(r.OwnerId, r.RepositoryId))
        ?? throw new ForgeRefusedException(ForgeRefusal.NotFound, $"runner with ID {id}: resource does not exist");

    private void Remove(RunnerRow row)
    {
        _data.Runners.Remove(row);
        _runners.Remove(row.Uuid);
        Tell(ForgeEventKind.RunnerDeleted, null, row.Name);
    }

    private ForgeRunner View(RunnerRow row)
    {
        var now = _time.GetUtcNow();
        var status = row.LastOnline is not { } online || now - online > OnlineFor ? "offline"
            : row.LastActive is { } active && now - active <= ActiveFor ? "active"
            : "idle";
        return new ForgeRunner(
            row.Id, row.Uuid, row.OwnerId, row.RepositoryId, row.Name, status, row.Version, row.Labels, row.Description, row.Ephemeral);
    }

    /// <summary>The account of a token that has the scope.</summary>
    private ForgeAccount Granted(string? token, bool write, string category)
    {
        if (string.IsNullOrEmpty(token))
        {
            throw new ForgeRefusedException(ForgeRefusal.Unauthenticated, "token is required");
        }

        var account = _options.Accounts.FirstOrDefault(a => a.Token.Reveal() == token)
            ?? throw new ForgeRefusedException(ForgeRefusal.Unauthenticated, UnknownToken(token));
        return account.Grants(write, category)
            ? account
            : throw new ForgeRefusedException(
                ForgeRefusal.Forbidden,
                $"token does not have at least one of required scope(s): [{(write ? "write" : "read")}:{category}]");
    }

    /// <summary>Forgejo repeats the token it was sent, and 16 says first that it is no token of the newer sort.</summary>
    private string UnknownToken(string token) =>
        (_options.Release == ForgeRelease.Forgejo15 ? "" : "token is malformed: token contains an invalid number of segments\n")
        + $"access token does not exist [sha: {token}]";

    /// <summary>A name that is too long ends in an ellipsis, which counts.</summary>
    private static string Cut(string name, int bytes)
    {
        if (Encoding.UTF8.GetByteCount(name) <= bytes)
        {
            return name;
        }

        var length = 0;
        var used = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            if ((used += rune.Utf8SequenceLength) > bytes - Ellipsis.Length)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return name[..length] + "…";
    }
}
