import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.Collection;
import java.util.List;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;
import org.opensearch.transport.Netty4Plugin;

/** One OpenSearch node in this process. Arguments are settings, {@code key=value}; {@code key[]=a,b} is a list. */
public class ClusterNode {
    /** A node with its plugins on the class path. */
    static class WithPlugins extends Node {
        WithPlugins(Environment environment, Collection<Class<? extends Plugin>> plugins) {
            super(environment, plugins, true);
        }
    }

    public static void main(String[] args) throws Exception {
        Settings.Builder builder = Settings.builder();
        for (String arg : args) {
            int at = arg.indexOf('=');
            String key = arg.substring(0, at);
            String value = arg.substring(at + 1);
            if (key.endsWith("[]")) {
                builder.putList(key.substring(0, key.length() - 2), value.split(","));
            } else {
                builder.put(key, value);
            }
        }
        Settings settings = builder.build();
        Environment environment =
            new Environment(settings, Paths.get(settings.get("path.home")).resolve("config"));
        Files.createDirectories(environment.configFile());
        Node node = new WithPlugins(environment, List.of(Netty4Plugin.class, CommonAnalysisPlugin.class));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (Exception ignored) {
                // The process ends anyway.
            }
        }));
        node.start();
        Thread.currentThread().join();
    }
}
