import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What a release of Kafka's client does with settings: builds a producer of each line of input.
 *
 * <p>A line is a JSON-free list, key TAB value TAB key TAB value ...; it is answered by "built" and
 * what the producer ended up with, in the same form, or by "refused" and why. Before that comes a
 * line "key" for each key of the release: name, type, default, validator. Nobody is asked for
 * anything: the bootstrap address is a closed port of this machine.
 */
public final class RealProducers {
    private static final PrintStream OUT = new PrintStream(System.out, false, StandardCharsets.UTF_8);

    public static void main(String[] arguments) throws Exception {
        printKeys();
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            print(answer(settings(line)));
        }
        OUT.flush();
        System.exit(0); // whatever threads a refused producer has left behind
    }

    private static void printKeys() {
        for (ConfigDef.ConfigKey key : ProducerConfig.configDef().configKeys().values()) {
            print("key", key.name, key.type.name(), shown(key.defaultValue), rule(key.validator));
        }
    }

    private static String shown(Object value) {
        return value == ConfigDef.NO_DEFAULT_VALUE ? "required" : String.valueOf(value);
    }

    /** A validator in its own words; of one that has none, its class. */
    private static String rule(ConfigDef.Validator validator) {
        String words = String.valueOf(validator);
        return words.isEmpty() ? validator.getClass().getSimpleName() : words.replaceAll("@[0-9a-f]+$", "");
    }

    private static Properties settings(String line) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", "127.0.0.1:1");
        settings.put("key.serializer", ByteArraySerializer.class.getName());
        settings.put("value.serializer", ByteArraySerializer.class.getName());
        String[] words = line.split("\t", -1);
        for (int at = 0; at + 1 < words.length; at += 2) {
            settings.put(words[at], words[at + 1]);
        }
        return settings;
    }

    private static String[] answer(Properties settings) {
        try (Closing producer = new Closing(new KafkaProducer<>(settings))) {
            return producer.endsUpWith();
        } catch (Exception refusal) {
            Throwable cause = refusal;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return new String[] {"refused", String.valueOf(cause.getMessage()).replaceAll("\\s+", " ")};
        }
    }

    private static void print(String... words) {
        OUT.print(String.join("\t", words) + "\n");
    }

    /** A producer that is closed without waiting for anything. */
    private record Closing(KafkaProducer<byte[], byte[]> producer) implements AutoCloseable {
        String[] endsUpWith() throws ReflectiveOperationException {
            Map<String, ?> values = ((ProducerConfig) inside(producer, "producerConfig")).values();
            Object accumulator = inside(producer, "accumulator");
            return new String[] {
                "built",
                "enable.idempotence", String.valueOf(inside(producer, "transactionManager") != null),
                "acks", String.valueOf(values.get("acks")),
                "retries", String.valueOf(values.get("retries")),
                "max.in.flight.requests.per.connection",
                        String.valueOf(values.get("max.in.flight.requests.per.connection")),
                "batch.size", String.valueOf(inside(accumulator, "batchSize")),
                "linger.ms", String.valueOf(inside(accumulator, "lingerMs")),
                "delivery.timeout.ms", String.valueOf(inside(accumulator, "deliveryTimeoutMs")),
                "buffer.memory", String.valueOf(inside(producer, "totalMemorySize")),
                "max.request.size", String.valueOf(inside(producer, "maxRequestSize")),
                "request.timeout.ms", String.valueOf(values.get("request.timeout.ms")),
                "reconnect.backoff.max.ms", String.valueOf(values.get("reconnect.backoff.max.ms")),
            };
        }

        private static Object inside(Object owner, String name) throws ReflectiveOperationException {
            for (Class<?> type = owner.getClass(); type != null; type = type.getSuperclass()) {
                for (Field field : type.getDeclaredFields()) {
                    if (field.getName().equals(name)) {
                        field.setAccessible(true);
                        return field.get(owner);
                    }
                }
            }
            throw new NoSuchFieldException(name);
        }

        @Override
        public void close() {
            producer.close(Duration.ZERO);
        }
    }
}
