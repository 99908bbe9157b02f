using System.CommandLine;

namespace FjBellows.Daemon.Commands;

/// <summary>Prints what a shell needs to complete this program's command lines. The shell asks the program itself.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # bash completion for fj-bellows; put it into /etc/bash_completion.d/fj-bellows, or: source <(fj-bellows completion bash)
        _fj_bellows() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$("$1" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "$2"))
        }
        complete -o default -F _fj_bellows fj-bellows
        """;

    private const string Zsh = """
        #compdef fj-bellows
        # zsh completion for fj-bellows; put it into a directory of $fpath as _fj-bellows
        _fj_bellows() {
            local -a words_found
            words_found=("${(@f)$("${words[1]}" "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -a words_found
        }
        if [ "$funcstack[1]" = "_fj-bellows" ]; then _fj_bellows; else compdef _fj_bellows fj-bellows; fi
        """;

    private const string Fish = """
        # fish completion for fj-bellows; put it into ~/.config/fish/completions/fj-bellows.fish
        complete -c fj-bellows -f -a '(fj-bellows "[suggest:"(string length -- (commandline -cp))"]" (commandline -cp) 2>/dev/null)'
        """;

    /// <summary>The command.</summary>
    /// <param name="output">Takes the script.</param>
    public static Command Create(TextWriter output)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Prints a completion script for a shell.") { shell };
        command.SetAction(parsed => output.WriteLine(parsed.GetRequiredValue(shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            _ => Fish,
        }));
        return command;
    }
}
