import tensorflow as tf


def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
              use_dropout=False, learning_rate=0.01, act_fun='relu', optimizer='adam', print_summary=False):
    inputs = tf.keras.Input(input_shape)
    h = inputs
    for k in range(n_conv_layers):
        h = tf.keras.layers.Conv2D(n_filters * 2**k, 3, padding='same', name=f'conv{k + 1}')(h)
        h = tf.keras.layers.BatchNormalization(name=f'conv{k + 1}_bn')(h)
        h = tf.keras.layers.ReLU(name=f'conv{k + 1}_relu')(h)
        h = tf.keras.layers.MaxPool2D(name=f'conv{k + 1}_pool')(h)
    h = tf.keras.layers.Flatten()(h)
    for k in range(n_dense_layers):
        h = tf.keras.layers.Dense(n_nodes, activation='relu', name=f'dense{k + 1}')(h)
        h = tf.keras.layers.BatchNormalization(name=f'dense{k + 1}_bn')(h)
        if use_dropout:
            h = tf.keras.layers.Dropout(0.5, name=f'dense{k + 1}_drop')(h)
    outputs = tf.keras.layers.Dense(10, activation='softmax', name='out')(h)

    model = tf.keras.Model(inputs, outputs)
    model.compile(tf.keras.optimizers.Adam(learning_rate), loss=loss, metrics=['accuracy'])
    if print_summary:
        model.summary()
    return model
